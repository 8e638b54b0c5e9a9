package browser_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// seen is what the filter shows.
type seen struct {
	IDs, Links        []string // visible entries and lines of the contents
	Said, Query, Text string   // the count, ?q=, the box
	All               int
	Empty             int // visible headings without visible entries
}

func (b *tab) seen() seen {
	b.Helper()
	return eval[seen](b, `(() => {
		const all = (css) => [...document.querySelectorAll(css)], shown = (el) => el.checkVisibility();
		return {
			IDs: all("[data-find]").filter(shown).map((el) => el.id || el.querySelector("a").getAttribute("href").split("#")[1]),
			Links: all("nav [data-entry]").filter(shown).map((el) => el.dataset.entry),
			Said: document.querySelector("output").textContent, Query: new URLSearchParams(location.search).get("q") ?? "",
			Text: document.querySelector("#page-filter").value, All: all("[data-find]").length,
			Empty: all("main .group").filter((g) => shown(g) && !all("[data-find]").some((el) => shown(el) && g.contains(el))).length,
		};
	})()`)
}

// narrowed fails unless the filter shows n entries and displays that number everywhere; n < 0 stands for all.
func (b *tab) narrowed(n int) seen {
	b.Helper()
	s := b.seen()
	want := fmt.Sprintf("%d of %d match", n, s.All)
	if n < 0 {
		n, want = s.All, fmt.Sprintf("%d entries", s.All)
	}
	if len(s.IDs) != n || s.Said != want || s.Empty > 0 {
		b.Errorf("%q shows %d entries, displays %q and shows %d headings without entries; want %d and %q", s.Text, len(s.IDs), s.Said, s.Empty, n, want)
	}
	if len(s.Links) > 0 && !slices.Equal(s.Links, s.IDs) {
		b.Errorf("%q: the contents show %v, the page %v", s.Text, s.Links, s.IDs)
	}
	return s
}

func TestFilterFindsByMeaning(t *testing.T) {
	tests := []struct {
		page, query string
		want        []string // among the visible entries
		most        int      // maximum number of visible entries
	}{
		{"errors/qpay.html", "invoice already paid", []string{"invoice_paid"}, 5},
		{"errors/qpay.html", "PAID   Inv\u00f3ice aLreády", []string{"invoice_paid"}, 5}, // any order, case, accents
		{"errors/qpay.html", "wrong password", []string{"authentication_failed"}, 2},
		{"errors/qpay.html", "no_credentials", []string{"no_credendials"}, 2}, // an alias
		{"errors/qpay.html", "ErrInvoiceNotFound", []string{"invoice_notfound"}, 1},
		{"errors/qpay.html", "invoice has already been paid", []string{"invoice_paid"}, 2}, // customer message
		{"errors/qpay.html", "422 approve", []string{"transaction_not_approved"}, 2},
		{"errors/qpay.html", "refundpayment return the money", []string{"invoice_paid"}, 5},
		{"errors/openapi.html", "rate_limit", nil, 3},
		{"errors/xpay.html", "not enough money", []string{"payment-insufficient_funds", "decline-insufficient_funds"}, 4},
		{"errors/gateway.html", "missing required fields:", []string{"missing_required_fields"}, 1}, // the text of the response
		{"errors/index.html", "not enough money", []string{"insufficient_balance", "payment-insufficient_funds"}, 8},
		{"errors/index.html", "ErrInvoicePaid", []string{"invoice_paid"}, 1},
		{"errors/index.html", "invoice has already been paid", []string{"invoice_paid"}, 2},
		{"strange/strange.html", "төлбөр АМЖИЛТГҮЙ", []string{"a_code_that_is_longer_than_any_telephone_is_wide_and_then_some_more"}, 1},
		{"strange/strange.html", "дахин оролдоно уу", []string{"a_code_that_is_longer_than_any_telephone_is_wide_and_then_some_more"}, 1},
		{"strange/strange.html", "desole epuise", []string{"Sold.Out.v2"}, 1},
		{"strange/index.html", "амжилтгүй", []string{"a_code_that_is_longer_than_any_telephone_is_wide_and_then_some_more"}, 1},
		{"strange/index.html", "410", []string{"Sold.Out.v2"}, 1},
		{"errors/gateway.html", "no such words", []string{}, 0},
	}
	b := open(t, 2*time.Minute)
	for _, test := range tests {
		b.visit(test.page)
		b.narrowed(-1)
		b.keys("/" + test.query)
		s := b.narrowed(len(b.seen().IDs))
		if s.Text != test.query || len(s.IDs) > test.most || test.want == nil && len(s.IDs) == 0 {
			t.Errorf("%s: %q shows %d entries (box %q): %v", test.page, test.query, len(s.IDs), s.Text, s.IDs)
		}
		for _, id := range test.want {
			if !slices.Contains(s.IDs, id) {
				t.Errorf("%s: %q does not find %s but %v", test.page, test.query, id, s.IDs)
			}
		}
		b.until(`new URLSearchParams(location.search).get("q") === ` + fmt.Sprintf("%q", test.query))
		b.keys(kb.Escape)
		if s := b.narrowed(-1); s.Text != "" || s.Query != "" {
			t.Errorf("%s: Escape leaves %q in the box and %q in the address", test.page, s.Text, s.Query)
		}
	}
}

// TestFilterSkipsCommonTexts checks that labels and the explanations of advice values find nothing.
func TestFilterSkipsCommonTexts(t *testing.T) {
	b := open(t, time.Minute)
	for _, query := range []string{"What to do.", "Go constant", "correct it first", "none is documented"} {
		b.visit("errors/qpay.html")
		b.keys("/" + query)
		if s := b.seen(); len(s.IDs) > s.All/4 {
			t.Errorf("%q finds %d of %d", query, len(s.IDs), s.All)
		}
	}
}

func TestSearchCanBeShared(t *testing.T) {
	b := open(t, time.Minute)
	b.visit("errors/qpay.html?q=invoice+paid")
	n := len(b.seen().IDs)
	if s := b.narrowed(n); s.Text != "invoice paid" || n == 0 || n == s.All {
		t.Errorf("?q= gives %q in the box and %d entries", s.Text, n)
	}
	b.visit("errors/index.html?q=%3Cscript%3E&x=1#page-advice")
	if s := b.narrowed(0); s.Text != "<script>" {
		t.Errorf("the box holds %q", s.Text)
	}
	b.keys("/" + kb.Escape)
	if where := eval[string](b, `location.search + location.hash`); where != "?x=1#page-advice" {
		t.Errorf("the rest of the address became %q", where)
	}
}

// TestLinkBeatsFilter checks that a hidden entry is shown when an address links to it.
func TestLinkBeatsFilter(t *testing.T) {
	b := open(t, time.Minute)
	b.visit("errors/qpay.html?q=password#invoice_paid")
	b.landed("#invoice_paid")
	if s := b.narrowed(-1); s.Query != "" {
		t.Errorf("?q=%s stays", s.Query)
	}
	b.keys("/password")
	b.narrowed(len(b.seen().IDs))
	eval[string](b, `location.hash = "min_amount_err"`)
	b.until(`document.querySelector(":target")?.id === "min_amount_err"`)
	b.until(`document.querySelector(":target").checkVisibility()`)
	b.landed("#min_amount_err")
	b.narrowed(-1)
	b.visit("errors/qpay.html?q=invoice+paid#invoice_paid") // both can apply
	b.landed("#invoice_paid")
	if s := b.seen(); s.Query != "invoice paid" || len(s.IDs) == s.All {
		t.Errorf("the filter was cleared unnecessarily: %+v", s)
	}
}

// TestKeyboardAlone navigates from the top of a page to an entry with the keyboard.
func TestKeyboardAlone(t *testing.T) {
	const focus = `(() => { const f = document.activeElement, r = f.getBoundingClientRect();
		return f.className + "|" + f.id + "|" + (r.left >= 0 && r.top >= 0 && r.width > 1) + "|" + getComputedStyle(f).outlineStyle; })()`
	b := open(t, time.Minute)
	for _, page := range []string{"errors/xpay.html", "errors/index.html"} {
		b.visit(page)
		b.keys(kb.Tab)
		if got := eval[string](b, focus); got != "skip||true|solid" {
			t.Errorf("%s: the first Tab leads to %q", page, got)
		}
		b.keys(kb.Enter)
		b.until(`document.activeElement.id === "page-content"`)
		b.keys("/")
		if got := eval[string](b, focus); got != "|page-filter|true|solid" {
			t.Errorf("%s: / leads to %q", page, got)
		}
		b.keys("checkout_session_exp" + kb.Enter)
		b.until(`location.hash === "#checkout_session_expired" && document.querySelector(":target")?.checkVisibility()`)
		b.landed("#checkout_session_expired")
		b.keys(kb.Tab)
		if !eval[bool](b, `document.querySelector(":target").contains(document.activeElement)`) {
			t.Errorf("%s: the next Tab does not continue inside the entry", page)
		}
	}
	b.visit("errors/xpay.html")
	b.keys("/a/b")
	if s := b.seen(); s.Text != "a/b" {
		t.Errorf("a slash in the box gives %q", s.Text)
	}
}
