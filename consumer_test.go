package specpay_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The tests of the other modules run TestConsumer with these flags: their requirements are downloaded by their own tests
// and not by those of the root.
var (
	consumedModule  = flag.String("module", ".", "`folder` of the module that the consumer requires")
	consumerProgram = flag.String("program", "", "`file` with the program of the consumer; empty is that of the root module")
)

const (
	rootModule = "github.com/specpay/specpay"
	release    = "v0.1.0" // the version under which the working tree is published
)

// TestConsumer builds and runs a program outside this repository that requires a module by version, as the programs of
// users do. A module proxy on disk serves the working tree as a release. Other modules come from the module cache, where
// "go test ./..." has put them.
func TestConsumer(t *testing.T) {
	proxy, dir := t.TempDir(), t.TempDir()
	released := publish(t, proxy, ".")
	program := consumer
	if *consumedModule != "." {
		released = publish(t, proxy, *consumedModule)
		data, err := os.ReadFile(*consumerProgram)
		if err != nil {
			t.Fatal(err)
		}
		program = string(data)
	}
	path := released.Module.Path
	write(t, filepath.Join(dir, "go.mod"), "module example.test/shop\n\ngo "+released.Go+"\n\nrequire "+path+" "+release+"\n")
	write(t, filepath.Join(dir, "main.go"), program)

	linkModules(t, proxy, goCommand(t, *consumedModule, nil, "list", "-deps", "-f", "{{with .Module}}{{.Dir}}{{end}}", "./...")) // downloads what is missing when "go test" runs on one package
	outside(t, proxy, dir, "list", "-deps", path+"/...")                                                                         // finds the imports and the embedded files of every package
	outside(t, proxy, dir, "vet", "./...")
	outside(t, proxy, dir, "run", ".")
	for _, r := range parseModule(t, goCommand(t, dir, nil, "mod", "edit", "-json")).Require {
		if r.Path != path && !slices.Contains(released.Require, r) {
			t.Errorf("the consumer of %s requires %s %s, which its go.mod does not; run go mod tidy", path, r.Path, r.Version)
		}
	}
}

// TestEveryModuleHasAConsumer requires a consumer_test.go of each module that others can import.
func TestEveryModuleHasAConsumer(t *testing.T) {
	modules := 0
	if err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		dir := filepath.Dir(name)
		if err != nil || entry.Name() != "go.mod" || !importable(t, dir) {
			return err
		}
		modules++
		if _, err := os.Stat(filepath.Join(dir, "consumer_test.go")); err != nil {
			t.Errorf("module %s has no test of an outside consumer; write one like store/redis/consumer_test.go: %v", dir, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if modules == 0 {
		t.Error("no module can be imported; want at least the root")
	}
}

// importable reports whether the module in dir has a package that other modules can import.
func importable(t *testing.T, dir string) bool {
	t.Helper()
	found := false
	if err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != dir && (slices.Contains([]string{"internal", "testdata"}, entry.Name()) || isModule(name)) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly)
		if err == nil && file.Name.Name != "main" {
			found = true
			return fs.SkipAll
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// consumer implements every interface of package pay that applications implement, so that a method with a type from an
// internal package does not compile.
const consumer = `package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

type store struct{}

func (store) Load(context.Context, string) (pay.Token, error) { return pay.Token{}, nil }
func (store) Save(context.Context, string, pay.Token) error   { return nil }
func (store) LockToken(context.Context, string, time.Duration) (func(), error) {
	return func() {}, nil
}
func (store) Claim(context.Context, string, string, time.Duration) (pay.Claim, error) {
	return pay.ClaimGranted, nil
}
func (store) Commit(context.Context, string, string, time.Duration) error { return nil }
func (store) Release(context.Context, string, string) error               { return nil }

type observer struct{}

func (observer) StartCall(ctx context.Context, _ pay.Call) context.Context       { return ctx }
func (observer) EndCall(context.Context, pay.Call, pay.CallResult)               {}
func (observer) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }
func (observer) EndAttempt(context.Context, pay.Attempt, pay.AttemptResult)      {}

var (
	_ pay.TokenStore  = store{}
	_ pay.TokenLocker = store{}
	_ pay.EventStore  = store{}
	_ pay.Observer    = observer{}
)

type refuse struct{}

func (refuse) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusUnauthorized, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(` + "`" + `{"error": "AUTHENTICATION_FAILED", "message": "no"}` + "`" + `)),
	}, nil
}

func main() {
	opts := []pay.Option{
		pay.WithTransport(refuse{}), pay.WithTokenStore(store{}), pay.WithEventStore(store{}), pay.WithObserver(observer{}),
	}
	client, err := qpay.New(qpay.Credentials{Username: "shop", Password: "secret"}, opts...)
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.GetPayment(context.Background(), "1", pay.WithCallTimeout(5*time.Second))
	var e *apierr.Error
	if !errors.As(err, &e) || !errors.Is(err, qpay.ErrAuthenticationFailed) || !errors.Is(err, apierr.ErrAuth) {
		log.Fatalf("the call ended with %v; want an authentication failure", err)
	}
}
`

// moduleFile is what "go mod edit -json" prints.
type moduleFile struct {
	Module           struct{ Path string }
	Go               string
	Require, Exclude []moduleVersion
	Replace          []struct{ Old, New moduleVersion }
}

type moduleVersion struct{ Path, Version string }

func parseModule(t *testing.T, data []byte) (m moduleFile) {
	t.Helper()
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// publish adds the module in dir to a file-system proxy, in the layout of "go help goproxy", and returns its go.mod as
// released. A release of another module than the root requires the root at its version and does not replace it.
func publish(t *testing.T, proxy, dir string) moduleFile {
	t.Helper()
	edit := []string{"mod", "edit"}
	if dir != "." {
		edit = append(edit, "-dropreplace="+rootModule, "-require="+rootModule+"@"+release)
	}
	mod := goCommand(t, dir, nil, append(edit, "-print")...)
	released := parseModule(t, goCommand(t, dir, nil, append(edit, "-json")...))
	if len(released.Replace) > 0 || len(released.Exclude) > 0 {
		t.Errorf("%s: go.mod has replace %v and exclude %v; consumers ignore both, and go install refuses replace",
			released.Module.Path, released.Replace, released.Exclude)
	}
	base := filepath.Join(proxy, filepath.FromSlash(released.Module.Path), "@v", release)
	if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, base+".mod", string(mod))
	var archive bytes.Buffer
	if err := writeZip(&archive, dir, released.Module.Path+"@"+release+"/", mod); err != nil {
		t.Fatal(err)
	}
	write(t, base+".zip", archive.String())
	return released
}

// writeZip writes the files of the module in dir under prefix, with mod as go.mod. It leaves out nested modules and
// hidden folders, which hold no packages of the module.
func writeZip(w io.Writer, dir, prefix string, mod []byte) error {
	z := zip.NewWriter(w)
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != dir && (isModule(name) || strings.HasPrefix(entry.Name(), ".")) {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		data := mod
		if rel != "go.mod" {
			if data, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		file, err := z.Create(prefix + filepath.ToSlash(rel))
		if err != nil {
			return err
		}
		_, err = file.Write(data)
		return err
	})
	return errors.Join(err, z.Close())
}

// outside runs the go command in dir with modules from proxy and from the module cache, without a network. Its own module
// cache is below proxy, so that the published version never enters that of the machine.
func outside(t *testing.T, proxy, dir string, args ...string) {
	t.Helper()
	downloaded := filepath.Join(moduleCache(t), "cache", "download")
	const flags = "-mod=mod -modcacherw -buildvcs=false -trimpath -ldflags=-w" // -trimpath: the build cache hits although folders change
	goCommand(t, dir, []string{
		"GOMODCACHE=" + filepath.Join(proxy, "cache"), "GOPROXY=" + fileURL(proxy) + "," + fileURL(downloaded),
		"GONOPROXY=none", "GOSUMDB=off", "GOFLAGS=" + flags, "GOWORK=off", "GOTOOLCHAIN=local",
	}, args...)
}

func moduleCache(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(string(goCommand(t, ".", nil, "env", "GOMODCACHE")))
}

// linkModules links the folders of modules, one in each line of dirs, from the module cache of the machine into the one
// below proxy. It saves time only: the go command unpacks a module that is not there.
func linkModules(t *testing.T, proxy string, dirs []byte) {
	t.Helper()
	from, to := moduleCache(t), filepath.Join(proxy, "cache")
	for _, dir := range slices.Compact(slices.Sorted(strings.Lines(string(dirs)))) {
		name, err := filepath.Rel(from, strings.TrimSpace(dir))
		if err != nil || !filepath.IsLocal(name) {
			continue // the module that is tested
		}
		path, version, _ := strings.Cut(name, "@")
		sum := filepath.Join("cache", "download", path, "@v", version+".ziphash") // without it the module counts as incomplete
		data, err := os.ReadFile(filepath.Join(from, sum))
		if err != nil {
			continue
		}
		for _, below := range []string{name, sum} {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(to, below)), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if os.Symlink(filepath.Join(from, name), filepath.Join(to, name)) == nil {
			write(t, filepath.Join(to, sum), string(data))
		}
	}
}

func goCommand(t *testing.T, dir string, env []string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), env...), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

func fileURL(name string) string {
	return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(name), "/")}).String()
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
