package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// client is the part of the client's oapi-codegen config that errgen uses. The rest of the file is not checked.
type client struct {
	namer        model.Namer
	excludedTags []string // of operations that the client does not have
}

func readClient(file string) (client, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return client{}, usagef("the names config cannot be read: %v", err)
	}
	root, err := load.Parse(&load.File{Name: filepath.ToSlash(file), Path: filepath.Base(file)}, data)
	if err != nil {
		return client{}, err
	}
	options := root.Get("output-options")
	initialisms, err := texts(options, "additional-initialisms", "an initialism")
	if err != nil {
		return client{}, err
	}
	excluded, err := texts(options, "exclude-tags", "a tag")
	if err != nil {
		return client{}, err
	}
	schemas, err := texts(options, "exclude-schemas", "a schema")
	if err != nil {
		return client{}, err
	}
	prefix := root.Get("compatibility").Get("always-prefix-enum-values")
	namer, err := model.NewNamer(options.Get("name-normalizer").Text(), initialisms)
	if err != nil {
		return client{}, fmt.Errorf("%s: %w", filepath.ToSlash(file), err)
	}
	return client{namer.Client(schemas, prefix != nil && prefix.Value == "true"), excluded}, nil
}

// texts returns a list of strings. what describes an item in messages.
func texts(n *load.Node, key, what string) ([]string, error) {
	list := n.Get(key)
	if list == nil {
		return nil, nil
	}
	if list.Kind != load.List {
		return nil, usagef("%s: %s must be a list, not %s", list.Pos(), key, list.Describe())
	}
	var out []string
	for _, item := range list.Items {
		if !item.IsString() {
			return nil, usagef("%s: %s must be a string, not %s", item.Pos(), what, item.Describe())
		}
		out = append(out, item.Value)
	}
	return out, nil
}
