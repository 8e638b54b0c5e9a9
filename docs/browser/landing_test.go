package browser_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/xpay"
)

// site is the published address of the pages. The server has them at the same path below errors/.
const site = "https://specpay.github.io/specpay/errors/"

// docURLs returns the DocURL of every code of every provider.
func docURLs() []string {
	return slices.Concat(
		urlsOf(qpay.ErrorCodes()), urlsOf(openapi.ErrorCodes()),
		urlsOf(xpay.ErrorCodes()), urlsOf(xpay.PaymentErrorCodes()), urlsOf(xpay.DeclineCodes()),
		urlsOf(gateway.ErrorCodes()), urlsOf(gateway.InboundCodes()),
	)
}

func urlsOf[C interface {
	Info() (apierr.CodeInfo, bool)
}](codes []C) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		info, _ := c.Info()
		out[i] = info.DocURL
	}
	return out
}

// facts is the part of docs/errors/*.json with the anchors of entries.
type facts struct {
	Catalogs []struct{ Codes []place }
	Unknown  []place `json:"unknown_outcomes"`
}

type place struct {
	Anchor string
	DocURL string `json:"doc_url"`
}

// read returns the facts of every provider by the name of its page.
func read(t *testing.T) map[string]facts {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "docs", "errors", "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no facts in docs/errors, %v", err)
	}
	out := map[string]facts{}
	for _, name := range names {
		if filepath.Base(name) == "schema.json" { // of the others
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var f facts
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[strings.TrimSuffix(filepath.Base(name), ".json")+".html"] = f
	}
	return out
}

// TestEveryLinkLands opens every DocURL that leads to our pages, and every entry. The DocURL of an XPay code leads to XPay's
// page, which is not opened, but the code has an entry here too.
func TestEveryLinkLands(t *testing.T) {
	targets := map[string]bool{}
	for _, address := range docURLs() {
		if path, ours := strings.CutPrefix(address, site); ours {
			targets["errors/"+path] = true
		} else if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "specpay.github.io" {
			t.Errorf("the address %q leads neither to our pages nor to a provider", address)
		}
	}
	codes := 0
	for page, f := range read(t) {
		for _, c := range f.Catalogs {
			codes += len(c.Codes)
			for _, p := range c.Codes {
				targets["errors/"+page+"#"+p.Anchor] = true
			}
		}
		for _, p := range f.Unknown {
			if p.DocURL != site+page+"#"+p.Anchor {
				t.Errorf("%s: the unknown outcome %s has the address %q", page, p.Anchor, p.DocURL)
			}
			targets["errors/"+page+"#"+p.Anchor] = true
		}
	}
	if n := len(docURLs()); n != codes || codes < 200 {
		t.Errorf("the packages have %d codes, the pages %d", n, codes)
	}
	for _, anchor := range []string{"Sold.Out.v2", "busy", "unknown-outcome-createpayment"} {
		targets["strange/strange.html#"+anchor] = true
	}
	b := open(t, 4*time.Minute)
	for _, width := range []int64{360, 1280} { // the filter is above or beside the entries
		b.size(width, 640)
		page := ""
		for i, path := range slices.Sorted(maps.Keys(targets)) {
			next, _, _ := strings.Cut(path, "#")
			if next != page || i%16 == 0 { // from another page; the others from within the page
				b.visit(path)
			} else {
				b.must(chromedp.Do(b.ctx, chromedp.Navigate(house.url+path)))
			}
			page = next
			b.landed(path)
		}
	}
}

// landing describes what is visible of the entry in the address.
type landing struct {
	ID                     string
	Shown, Marked, Covered bool
	Top, Height            float64
}

// landed fails unless the entry of the fragment is visible, highlighted, starts in the window and is not covered.
func (b *tab) landed(path string) {
	b.Helper()
	l := eval[landing](b, `(() => {
		const el = document.querySelector(":target");
		if (!el) return { ID: "" };
		const box = el.getBoundingClientRect(), over = document.elementFromPoint(box.left + box.width / 2, box.top + 4);
		const other = document.querySelector("article:not(:target)"), look = (e) => getComputedStyle(e);
		const marked = look(el).backgroundColor !== look(other).backgroundColor && look(el).boxShadow !== look(other).boxShadow;
		return { ID: el.id, Shown: el.checkVisibility(), Marked: marked,
			Covered: !el.contains(over), Top: box.top, Height: innerHeight };
	})()`)
	_, anchor, _ := strings.Cut(path, "#")
	switch {
	case l.ID != anchor:
		b.Errorf("%s: the target is %q", path, l.ID)
	case !l.Shown || !l.Marked:
		b.Errorf("%s: shown %v, highlighted %v", path, l.Shown, l.Marked)
	case l.Top < 0 || l.Top > l.Height*2/3 || l.Covered:
		// The last entries of a page cannot be scrolled to the top.
		if !eval[bool](b, `innerHeight + scrollY >= document.documentElement.scrollHeight - 2`) || l.Covered {
			b.Errorf("%s: starts at %.0f of %.0f, covered %v", path, l.Top, l.Height, l.Covered)
		}
	}
}
