package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/load"
)

// config is errgen.yaml, or the equivalent flags.
type config struct {
	dir           string // paths are relative to it
	place         string // "file:line:col" of the specs, for messages
	vendor        string // folder for a copy of the error core; "" imports it
	runtime       string // import path of that copy
	doer          bool   // write ErrorDoer, ErrorRoundTripper and ParseError
	names         string
	sandboxImport string
	index         index
	retries       retryPage
	specs         []specConfig
}

type specConfig struct {
	place                string
	spec, goFile, pkg    string
	overlay, catalog     string // files that complete a spec; "" = none
	sandbox, sandboxPkg  string
	markdown, html, json string
	typescript           string
	reference            string // the API reference, which errgen does not write; "" = none
	server               bool
}

func (s specConfig) outputs() int {
	n := 0
	for _, name := range []string{s.goFile, s.sandbox, s.markdown, s.html, s.json, s.typescript} {
		if name != "" {
			n++
		}
	}
	return n
}

func readConfig(name string) (*config, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, usagef("the config cannot be read: %v; set -config, or name a SPEC (see errgen help)", err)
	}
	root, err := load.Parse(&load.File{Name: name, Path: filepath.Base(name)}, data)
	if err != nil {
		return nil, err
	}
	c := &config{dir: filepath.Dir(name), doer: true, place: root.Pos().String()}
	var specs, index, retries *load.Node
	err = members(root, "the config", map[string]any{
		"vendor": &c.vendor, "client": &c.doer, "names": &c.names, "sandbox-import": &c.sandboxImport, "index": &index, "retries": &retries, "specs": &specs,
	})
	if err != nil {
		return nil, err
	}
	if c.index, err = readIndex(index, filepath.Base(name)); err != nil {
		return nil, err
	}
	if c.retries, err = readRetryPage(retries, filepath.Base(name)); err != nil {
		return nil, err
	}
	if specs == nil || specs.Kind != load.List || len(specs.Items) == 0 {
		return nil, usagef("%s: the config has no specs; add a list with at least one spec", c.place)
	}
	for _, n := range specs.Items {
		s := specConfig{place: n.Pos().String()}
		err := members(n, "a spec of the config", map[string]any{
			"spec": &s.spec, "overlay": &s.overlay, "catalog": &s.catalog, "go": &s.goFile, "server": &s.server, "package": &s.pkg, "sandbox": &s.sandbox, "sandbox-package": &s.sandboxPkg,
			"markdown": &s.markdown, "html": &s.html, "json": &s.json, "typescript": &s.typescript, "reference": &s.reference,
		})
		if err != nil {
			return nil, err
		}
		if s.spec == "" {
			return nil, usagef("%s: the entry has no spec; add the path of an OpenAPI document", s.place)
		}
		c.specs = append(c.specs, s)
	}
	return c, nil
}

// members reads the members of a map into strings, bools and nodes. Other members are errors.
func members(n *load.Node, what string, into map[string]any) error {
	if n.Kind != load.Map {
		return usagef("%s: %s must be a map, not %s", n.Pos(), what, n.Describe())
	}
	seen := map[string]bool{}
	for i, k := range n.Keys {
		to, ok := into[k.Value]
		if !ok {
			return usagef("%s: unknown key %q; %s may have %s", k.Pos(), k.Value, what, known(into))
		}
		if seen[k.Value] {
			return usagef("%s: the key %q is a duplicate; remove it", k.Pos(), k.Value)
		}
		seen[k.Value] = true
		v := n.Items[i]
		switch to := to.(type) {
		case **load.Node:
			*to = v
		case *string:
			if v.Kind != load.Scalar || v.Tag != load.Str || v.Value == "" {
				return usagef("%s: %s must be a string, not %s", v.Pos(), k.Value, v.Describe())
			}
			*to = v.Value
		case *bool:
			if v.Kind != load.Scalar || v.Tag != load.Bool {
				return usagef("%s: %s must be true or false, not %s", v.Pos(), k.Value, v.Describe())
			}
			*to = strings.EqualFold(v.Value, "true")
		}
	}
	return nil
}

func known(into map[string]any) string {
	names := make([]string, 0, len(into))
	for name := range into {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// path returns a path of the config relative to the working directory.
func (c *config) path(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(c.dir, filepath.FromSlash(name))
}

func (s specConfig) errorf(format string, args ...any) error {
	return usagef("%s: %s", s.place, fmt.Sprintf(format, args...))
}
