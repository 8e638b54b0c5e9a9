package browser_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPagesAreSound checks what assistive technology and programs rely on.
func TestPagesAreSound(t *testing.T) {
	b := open(t, time.Minute)
	for _, page := range pages(t) {
		b.visit(page)
		faults := eval[[]string](b, `(() => {
			const all = (css) => [...document.querySelectorAll(css)], out = [], want = (ok, what) => ok || out.push(what);
			want(document.documentElement.lang === "en", "no language");
			want(document.title.trim() !== "", "no title");
			for (const css of ["h1", "main", "header", "form[role=search]", "script", "style"]) want(all(css).length === 1, all(css).length + " elements " + css);
			want(all("img, iframe, object, embed, base").length === 0, "elements that texts made");
			let level = 0;
			for (const h of all("h1, h2, h3, h4, h5, h6")) {
				const n = +h.tagName[1];
				want(n <= level + 1, "heading " + h.textContent + " of level " + n + " below level " + level);
				level = n;
			}
			const ids = all("[id]").map((el) => el.id);
			want(new Set(ids).size === ids.length, "an id stands twice");
			for (const a of all("a")) {
				want(a.textContent.trim() !== "", "a link without text");
				const h = a.getAttribute("href");
				want(!h.startsWith("#") || document.getElementById(decodeURIComponent(h.slice(1))), "the link " + h + " leads nowhere");
			}
			for (const el of all("nav, section")) want(el.ariaLabel || document.getElementById(el.getAttribute("aria-labelledby")), "a landmark without a name");
			want(document.querySelector("label[for=page-filter]"), "a box without a label");
			return out;
		})()`)
		for _, f := range faults {
			t.Errorf("%s: %s", page, f)
		}
	}
}

// TestIndexLeadsEverywhere checks that the index has one link to each code of each page, and each page one back.
func TestIndexLeadsEverywhere(t *testing.T) {
	b := open(t, time.Minute)
	b.visit("errors/index.html")
	links := map[string]int{}
	for _, href := range eval[[]string](b, `[...document.querySelectorAll("tbody a")].map((a) => a.getAttribute("href"))`) {
		links[href]++
	}
	for page, f := range read(t) {
		for _, c := range f.Catalogs {
			for _, p := range c.Codes {
				if links[page+"#"+p.Anchor] != 1 {
					t.Errorf("the index has %d links to %s#%s", links[page+"#"+p.Anchor], page, p.Anchor)
				}
				delete(links, page+"#"+p.Anchor)
			}
		}
		b.visit("errors/" + page)
		if back := eval[string](b, `document.querySelector(".home a").href`); back != house.url+"errors/index.html" {
			t.Errorf("%s leads back to %s", page, back)
		}
	}
	if len(links) > 0 {
		t.Errorf("the index also leads to %v", links)
	}
}

// TestNarrowScreens checks that no page has to be scrolled horizontally on a small phone.
func TestNarrowScreens(t *testing.T) {
	b := open(t, time.Minute)
	for _, width := range []int64{360, 700, 1100} {
		b.size(width, 640)
		for _, page := range pages(t) {
			b.visit(page)
			wide := eval[[]string](b, `(() => {
				const edge = document.documentElement.clientWidth, out = [];
				if (document.documentElement.scrollWidth > edge) out.push("the page has " + document.documentElement.scrollWidth + " of " + edge);
				for (const el of document.querySelectorAll("body *:not(.skip, .unseen, .unseen *)"))
					if (el.checkVisibility() && el.getBoundingClientRect().right > edge + 1 && getComputedStyle(el).position !== "absolute") out.push(el.outerHTML.slice(0, 80));
				return out.slice(0, 3);
			})()`)
			if len(wide) > 0 {
				t.Errorf("%s at %d: %s", page, width, strings.Join(wide, "; "))
			}
		}
	}
}

// contrasts returns the pairs of colors with insufficient contrast (WCAG 2, AA), and the luminance of the page.
const contrasts = `(() => {
	const parts = (c) => c.match(/[\d.]+/g).map(Number);
	const light = (c) => { const [r, g, b] = parts(c).map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
	const over = (c, back) => { const [r, g, b, a = 1] = parts(c), p = parts(back); return "rgb(" + [r, g, b].map((v, i) => v * a + p[i] * (1 - a)) + ")"; };
	const under = (el) => el ? over(getComputedStyle(el).backgroundColor, under(el.parentElement)) : "rgb(255, 255, 255)";
	const poor = {}, seen = new Set();
	const check = (el, style, what) => {
		const back = under(el), a = light(over(style.color, back)), b = light(back), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		seen.add(style.color + back);
		if (ratio < 4.5) poor[what + " " + style.color + " on " + back] = ratio.toFixed(2);
	};
	for (const el of document.querySelectorAll("body *")) {
		if (!el.checkVisibility()) continue;
		if ([...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) check(el, getComputedStyle(el), el.tagName + "." + el.className);
		if (el.matches(".name a")) check(el, getComputedStyle(el, "::after"), "the mark of a link");
		if (el.matches("input")) check(el, getComputedStyle(el, "::placeholder"), "the placeholder");
	}
	return { Poor: Object.entries(poor).map((p) => p.join(": ")), Pairs: seen.size, Paper: light(under(document.body)) };
})()`

func TestContrast(t *testing.T) {
	b := open(t, 2*time.Minute)
	for _, scheme := range []string{"light", "dark"} {
		b.look("", scheme)
		for _, page := range append(pages(t), "errors/qpay.html#invoice_paid", "strange/strange.html#Sold.Out.v2", "errors/xpay.html#rate_limit_exceeded") {
			b.visit(page)
			got := eval[struct {
				Poor  []string
				Pairs int
				Paper float64
			}](b, contrasts)
			for _, p := range got.Poor {
				t.Errorf("%s, %s: %s", page, scheme, p)
			}
			if got.Pairs < 4 {
				t.Errorf("%s, %s: only %d pairs of colors were checked", page, scheme, got.Pairs)
			}
			if dark := got.Paper < .05; dark != (scheme == "dark") {
				t.Errorf("%s, %s: the paper has luminance %.2f", page, scheme, got.Paper)
			}
		}
	}
}

// TestPrint checks that printed pages show every entry, including filtered ones, in dark text, with readable addresses.
func TestPrint(t *testing.T) {
	b := open(t, time.Minute)
	for _, page := range []string{"errors/qpay.html", "errors/index.html"} {
		b.look("", "dark")
		b.visit(page + "?q=password")
		b.look("print", "dark")
		got := eval[struct {
			All, Shown          int
			Filter, Menu, Light bool
		}](b, `(() => {
			const all = [...document.querySelectorAll("[data-find]")], shows = (css) => document.querySelector(css).checkVisibility();
			return { All: all.length, Shown: all.filter((el) => el.checkVisibility()).length, Filter: shows("form"), Menu: shows("nav"),
				Light: getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)" };
		})()`)
		if got.All < 50 {
			t.Errorf("%s on paper: entries: got %d, want at least 50", page, got.All)
		}
		if got.Shown != got.All {
			t.Errorf("%s on paper: visible entries: got %d, want all %d", page, got.Shown, got.All)
		}
		if got.Filter {
			t.Errorf("%s on paper: the filter is visible, want it hidden", page)
		}
		if got.Menu {
			t.Errorf("%s on paper: the menu is visible, want it hidden", page)
		}
		if !got.Light {
			t.Errorf("%s on paper: the background is not white", page)
		}
	}
	b.visit("errors/qpay.html")
	if after := eval[string](b, `getComputedStyle(document.querySelector("main .facts a"), "::after").content`); !strings.Contains(after, "https://") {
		t.Errorf("a printed link shows %q", after)
	}
}

func TestWithoutScript(t *testing.T) {
	b := open(t, time.Minute)
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.must(err)
	for _, page := range pages(t) {
		b.visit(page + "?q=password")
		got := eval[struct {
			All, Shown int
			Filter     bool
		}](b, `(() => {
			const all = [...document.querySelectorAll("[data-find]")];
			return { All: all.length, Shown: all.filter((el) => el.checkVisibility()).length, Filter: document.querySelector("form").checkVisibility() };
		})()`)
		if got.All == 0 || got.Shown != got.All || got.Filter {
			t.Errorf("%s without script: %+v", page, got)
		}
	}
	b.visit("errors/qpay.html#invoice_paid")
	b.landed("#invoice_paid")
}

// TestPolicyHolds tries to run and load what the page's policy forbids.
func TestPolicyHolds(t *testing.T) {
	b := open(t, time.Minute)
	for _, page := range []string{"errors/index.html", "errors/qpay.html"} {
		b.visit(page)
		ran := eval[bool](b, `new Promise((done) => {
			const code = document.createElement("script"), link = document.createElement("a"), image = new Image();
			code.textContent = "window.ran = true";
			link.setAttribute("onclick", "window.ran = true");
			document.body.append(code, link);
			link.click();
			image.onload = () => done(true);
			image.onerror = () => done(window.ran === true);
			image.src = "/errors/qpay.json";
		})`)
		if said := strings.Join(b.taken(), "\n"); ran || strings.Count(said, "Content Security Policy") != 3 {
			t.Errorf("%s: ran %v; the browser reports:\n%s", page, ran, said)
		}
	}
}
