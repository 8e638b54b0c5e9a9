package browser_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// shownOperations is true once the renderer shows an operation.
const shownOperations = `document.querySelector('[data-section-id*="operation/"]')`

// references returns the names of the providers that have an API reference.
func references(t *testing.T) []string {
	t.Helper()
	specs, err := filepath.Glob(filepath.Join(root, "specs", "*.yaml"))
	if err != nil || len(specs) < 4 {
		t.Fatalf("%d specs, %v", len(specs), err)
	}
	for i, name := range specs {
		specs[i] = strings.TrimSuffix(filepath.Base(name), ".yaml")
	}
	return specs
}

// errorCodes is what errgen wrote about the codes of a spec.
type errorCodes struct {
	Title    string
	Catalogs []struct {
		Codes []struct {
			Value, Anchor string
			Operations    []string
		}
	}
	Operations []struct{ ID, Method, Path string }
}

func readCodes(t *testing.T, provider string) errorCodes {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "errors", provider+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var codes errorCodes
	if err := json.Unmarshal(text, &codes); err != nil {
		t.Fatal(err)
	}
	return codes
}

// TestReferenceListsEveryOperation opens each API reference and compares its operations and the links to their error codes
// with what errgen read from the spec.
func TestReferenceListsEveryOperation(t *testing.T) {
	b := open(t, 5*time.Minute)
	for _, provider := range references(t) {
		codes := readCodes(t, provider)
		b.visit("api/" + provider + ".html")
		b.until(shownOperations)
		shown := eval[map[string][]string](b, `Object.fromEntries([...document.querySelectorAll('[data-section-id*="operation/"]')].map((el) =>
			[el.dataset.sectionId.split("operation/")[1], [...el.querySelectorAll('a[href*="errors/"]')].map((a) => a.getAttribute("href"))]))`)
		if len(codes.Operations) == 0 || len(shown) < len(codes.Operations) {
			t.Errorf("%s shows %d operations, want at least %d", provider, len(shown), len(codes.Operations))
		}
		for _, op := range codes.Operations {
			if _, found := shown[op.ID]; !found && op.ID != "" {
				t.Errorf("%s does not show %s", provider, op.ID)
			}
		}
		for _, catalog := range codes.Catalogs {
			for _, code := range catalog.Codes {
				for _, id := range code.Operations {
					if want := "../errors/" + provider + ".html#" + code.Anchor; !slices.Contains(shown[id], want) {
						t.Errorf("%s, %s does not link to %s", provider, id, want)
					}
				}
			}
		}
		b.linksResolve(provider)
	}
}

// linksResolve opens the page of the codes and looks for every anchor to which the reference links.
func (b *tab) linksResolve(provider string) {
	b.Helper()
	links := eval[[]string](b, `[...new Set([...document.querySelectorAll('a[href*="errors/' + `+fmt.Sprintf("%q", provider)+` + '"]')].map((a) => a.href))]`)
	if len(links) < 10 {
		b.Errorf("%s has %d links to its error codes", provider, len(links))
	}
	b.visit("errors/" + provider + ".html")
	for _, link := range links {
		page, anchor, _ := strings.Cut(strings.TrimPrefix(link, house.url), "#")
		if page != "errors/"+provider+".html" {
			b.Errorf("%s links to %s", provider, link)
		}
		if anchor != "" && !eval[bool](b, fmt.Sprintf(`document.getElementById(%q) !== null`, anchor)) {
			b.Errorf("%s links to %s, which does not exist", provider, link)
		}
	}
	if back := eval[string](b, `document.querySelector('header a[href*="/api/"]')?.href ?? ""`); back != house.url+"api/"+provider+".html" {
		b.Errorf("errors/%s.html links to the API reference at %q", provider, back)
	}
}

// TestReferenceShowsWhatIsUnverified counts the marks of a spec on its page.
func TestReferenceShowsWhatIsUnverified(t *testing.T) {
	b := open(t, time.Minute)
	for _, provider := range references(t) {
		b.visit("api/" + provider + ".html")
		b.until(shownOperations)
		if text := eval[string](b, `document.getElementById("reference").textContent`); !strings.Contains(text, "Unverified:") {
			t.Errorf("%s does not show what is not verified", provider)
		}
	}
}

// TestReferenceWorksFromDisk opens the pages as files, without a server.
func TestReferenceWorksFromDisk(t *testing.T) {
	b := open(t, 5*time.Minute)
	folder, err := filepath.Abs(filepath.Join(root, "docs"))
	b.must(err)
	b.also = "file://" + filepath.ToSlash(folder) + "/"
	for _, provider := range references(t) {
		b.must(chromedp.Do(b.ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(b.also+"api/"+provider+".html")))
		b.until(shownOperations)
		if n := eval[int](b, `document.querySelectorAll('[data-section-id*="operation/"]').length`); n < 5 {
			t.Errorf("%s from disk shows %d operations", provider, n)
		}
	}
}

func TestReferenceWithoutScript(t *testing.T) {
	b := open(t, time.Minute)
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.must(err)
	for _, provider := range references(t) {
		b.visit("api/" + provider + ".html")
		text := eval[string](b, `document.body.innerText`)
		links := eval[[]string](b, `[...document.links].filter((a) => a.checkVisibility()).map((a) => a.getAttribute("href"))`)
		if !strings.Contains(text, "specs/"+provider+".yaml") || !slices.Contains(links, "../errors/"+provider+".html") {
			t.Errorf("%s without script says %q with the links %q", provider, text, links)
		}
	}
}

// TestReferenceShowsWholeLinks opens the references on the narrowest phones, where the renderer breaks the line of the contact.
func TestReferenceShowsWholeLinks(t *testing.T) {
	b := open(t, time.Minute)
	for _, provider := range references(t) {
		b.visit("api/" + provider + ".html")
		b.until(shownOperations)
		b.size(320, 800)
		cut := eval[[]string](b, `[...document.querySelectorAll(".api-info a")].filter((a) => [...a.getClientRects()].some((r) =>
			r.width > 0 && r.left < document.querySelector(".api-info h1").getBoundingClientRect().left)).map((a) => a.innerText)`)
		if len(cut) > 0 {
			t.Errorf("%s does not show the beginning of %q", provider, cut)
		}
	}
}

// TestReferenceFits opens the references on a phone, where nothing but code may be wider than the screen, and in both color schemes.
func TestReferenceFits(t *testing.T) {
	b := open(t, 5*time.Minute)
	for _, scheme := range []string{"light", "dark"} {
		b.look("", scheme)
		for _, provider := range references(t) {
			b.visit("api/" + provider + ".html")
			b.until(shownOperations)
			for _, width := range []int64{360, 1280} {
				b.size(width, 800)
				if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > width {
					t.Errorf("%s at %d is %d wide", provider, width, wide)
				}
				got := eval[struct {
					Poor  []string
					Pairs int
					Paper float64
				}](b, contrasts)
				for _, p := range got.Poor {
					t.Errorf("%s at %d, %s: %s", provider, width, scheme, p)
				}
				if dark := got.Paper < .05; dark != (scheme == "dark") || got.Pairs < 8 {
					t.Errorf("%s at %d, %s: the paper has luminance %.2f; %d pairs of colors", provider, width, scheme, got.Paper, got.Pairs)
				}
			}
		}
	}
}
