// Package browser_test opens the reference pages of docs/errors and docs/api in a headless Chromium, over loopback only. It is a
// separate module, so that other packages do not require the browser driver. Run it with make browser.
package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const root = "../.."

// house has the browser and the server that all tests share.
var house struct {
	browser context.Context
	url     string // of the server, with a slash at the end
	missing string // the reason why there is no browser
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "pages")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	program := find("chromium", "chromium-browser", "google-chrome")
	if program == "" {
		house.missing = "there is no Chromium here, so the pages are not opened; install it (on Debian: apt-get install chromium) and run make browser again"
		return m.Run()
	}
	if err := strangePages(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	files := http.NewServeMux()
	files.Handle("/errors/", http.StripPrefix("/errors/", http.FileServer(http.Dir(filepath.Join(root, "docs", "errors")))))
	files.Handle("/api/", http.StripPrefix("/api/", http.FileServer(http.Dir(filepath.Join(root, "docs", "api")))))
	files.Handle("/strange/", http.StripPrefix("/strange/", http.FileServer(http.Dir(folder))))
	srv := httptest.NewServer(files)
	defer srv.Close()
	house.url = srv.URL + "/"

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	browser, shut := chromedp.NewContext(ctx)
	defer shut()
	if err := chromedp.Do(browser); err != nil {
		fmt.Fprintf(os.Stderr, "%s does not start: %v\n", program, err)
		return 1
	}
	house.browser = browser
	return m.Run()
}

func find(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// strangePages generates pages from the spec in testdata, whose texts try to escape from their context.
func strangePages(folder string) error {
	for _, name := range []string{"errgen.yaml", "strange.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), data, 0o600)
		}
		if err != nil {
			return err
		}
	}
	cmd := exec.Command("go", "run", "./errgen", "gen", "-q", "-config", filepath.Join(folder, "errgen.yaml"))
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("errgen failed to generate the pages of testdata: %w\n%s", err, out)
	}
	return nil
}

// pages returns all pages by their path on the server.
func pages(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "docs", "errors", "*.html"))
	if err != nil || len(names) < 2 {
		t.Fatalf("%d pages in docs/errors, %v", len(names), err)
	}
	out := []string{"strange/index.html", "strange/strange.html"}
	for _, name := range names {
		out = append(out, "errors/"+filepath.Base(name))
	}
	return out
}

// tab is a tab of the browser. An unexpected problem in it fails the test.
type tab struct {
	*testing.T
	ctx      context.Context
	also     string // prefix of addresses that a page may request, apart from the server's
	mu       sync.Mutex
	problems []string
}

// open returns a new tab that closes after at most the given time.
func open(t *testing.T, limit time.Duration) *tab {
	t.Helper()
	if house.missing != "" {
		t.Skip(house.missing)
	}
	ctx, shut := chromedp.NewContext(house.browser)
	t.Cleanup(shut)
	b := &tab{T: t}
	b.must(chromedp.Listen(ctx, b.watch))
	var cancel context.CancelFunc
	b.ctx, cancel = context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	_, err := chromedp.Call(b.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.must(err)
	b.size(1280, 800)
	t.Cleanup(func() {
		for _, p := range b.taken() {
			t.Errorf("the browser reports: %s", p)
		}
	})
	return b
}

// watch records everything that a page should not do. It must be fast.
func (b *tab) watch(event any) {
	var what string
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		what = "console." + string(e.Type)
	case *runtime.EventExceptionThrown:
		what = "exception: " + e.ExceptionDetails.Text
	case *log.EventEntryAdded:
		what = "log: " + e.Entry.Text
	case *network.EventLoadingFailed:
		what = "failed request: " + e.ErrorText
	case *network.EventRequestWillBeSent:
		u := e.Request.URL
		if !strings.HasPrefix(u, house.url) && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") && (b.also == "" || !strings.HasPrefix(u, b.also)) {
			what = "request to elsewhere: " + u
		}
	}
	if what != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.problems = append(b.problems, what)
	}
}

// taken returns the problems so far and clears them.
func (b *tab) taken() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.problems
	b.problems = nil
	return out
}

func (b *tab) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// visit loads a page, even if only its fragment differs from the last one.
func (b *tab) visit(path string) {
	b.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(house.url+path)))
}

func (b *tab) size(width, height int64) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride,
		emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500})
	b.must(err)
}

// look sets the medium ("" is the screen) and the color scheme.
func (b *tab) look(medium, scheme string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	b.must(err)
}

// keys presses one key per rune, like a keyboard: the text comes with the press, so a page that handles the press itself
// receives no text.
func (b *tab) keys(keys string) {
	b.Helper()
	for _, r := range keys {
		var press, release input.DispatchKeyEventParams
		for _, e := range kb.Encode(r) {
			switch e.Type {
			case kb.KeyChar:
				press.Text, press.UnmodifiedText = e.Text, e.UnmodifiedText
			case kb.KeyUp:
				release = *e
			default:
				press = *e
			}
		}
		for _, e := range []input.DispatchKeyEventParams{press, release} {
			_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, e)
			b.must(err)
		}
	}
}

// eval returns the value of a JavaScript expression, or of its promise once it is resolved.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%v in %s", err, expression)
	}
	return v
}

// until polls a condition until it holds or the tab times out. It evaluates the condition each time, because a page that was
// left does not respond.
func (b *tab) until(condition string) {
	b.Helper()
	for {
		holds, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`!!(`+condition+`)`))
		if err == nil && holds {
			return
		}
		if b.ctx.Err() != nil {
			b.Fatalf("the condition %s was never met (%v)", condition, err)
		}
	}
}
