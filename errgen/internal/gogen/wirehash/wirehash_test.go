package wirehash

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// sets are wire values of every kind that a spec can hold.
func sets() map[string][]string {
	numbered := func(n int, format string) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(format, i))
		}
		return out
	}
	var bytes []string
	for i := range 256 {
		bytes = append(bytes, string([]byte{byte(i)}))
	}
	long := strings.Repeat("x", 40)
	return map[string][]string{
		"one":           {"A"},
		"empty text":    {"", "\x00", "\x00\x00", strings.Repeat("\x00", 8), strings.Repeat("\x00", 9)},
		"bytes":         bytes,
		"equal starts":  numbered(1000, "INVOICE_CANNOT_BE_PAID_%d"),
		"equal ends":    numbered(1000, "%d_INVOICE_CANNOT_BE_PAID"),
		"equal middles": numbered(300, "%[1]d_INVOICE_CANNOT_BE_PAID_%[1]d"),
		"unicode":       {"支付", "支付失败", "платёж", "e\u0301", "é", "\xff\xfe"},
		"hidden":        append(numbered(300, "urn:problem:"+long+"%03d"+long+":end"), "A", "urn:problem:"+long+"000"+long+":ene"),
		"addresses":     numbered(100, "https://errors.example.test/problems/%d/out-of-stock"),
		"many":          numbered(5000, "E%d"),
		"top bits":      {"abcdefg\x01_______\x01", "abcdefg\x81_______\x81", "abcdefg\x01_______\x81", "abcdefg\x81_______\x01"},
	}
}

func TestEveryKeyFindsItself(t *testing.T) {
	for name, keys := range sets() {
		table, err := New(keys, nil, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, k := range keys {
			if got := table.t.index(k); got != i {
				t.Errorf("%s: %q leads to %d, want %d", name, k, got, i)
			}
		}
		if (table.t.longest > 0) != (name == "hidden" || name == "addresses") {
			t.Errorf("%s has longest %d", name, table.t.longest)
		}
		again, err := New(keys, nil, nil)
		if err != nil || !reflect.DeepEqual(table, again) {
			t.Errorf("%s: the table differs from run to run: %v", name, err)
		}
	}
}

func TestTableIsSmall(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{2, 60, 100, 896, 897, 1000} {
		keys := make([]string, n)
		for i := range keys {
			keys[i] = fmt.Sprintf("%X_%d", random.Uint64(), i)
		}
		table, err := New(keys, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if size := 2*len(table.t.slots) + 2*len(table.t.steps); size > 8*max(n, 3) {
			t.Errorf("%d codes take %d bytes, want at most 8 a code", n, size)
		}
	}
}

func TestRepeatedKeysAreRefused(t *testing.T) {
	if _, err := New([]string{"A", "B"}, []string{"A"}, []int{1}); err == nil {
		t.Error("a table for two equal keys")
	}
}

func TestOnlyKeysAreFound(t *testing.T) {
	for name, keys := range sets() {
		known := map[string]bool{}
		for _, k := range keys {
			known[k] = true
		}
		table, err := New(keys[1:], keys[:1], []int{0})
		if err != nil {
			t.Fatal(err)
		}
		if got := table.t.index(keys[0]); got != 0 {
			t.Errorf("%s: the alias leads to %d", name, got)
		}
		for _, k := range keys {
			for i := range len(k) {
				for _, near := range []string{k[:i], k[i:], k[:i] + "~" + k[i+1:], k[:i] + "~" + k[i:]} {
					if !known[near] && table.t.index(near) != -1 {
						t.Errorf("%s: %q is found, yet it is no key", name, near)
					}
				}
			}
		}
		if table.t.index(strings.Repeat("x", 1<<16)) != -1 {
			t.Errorf("%s: a long text is found", name)
		}
	}
}

func FuzzNew(f *testing.F) {
	f.Add("A\nB\nC")
	f.Add(strings.Join(sets()["top bits"], "\n"))
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[string]bool{}
		var keys []string
		for _, k := range strings.Split(text, "\n") {
			if !seen[k] {
				seen[k], keys = true, append(keys, k)
			}
		}
		table, err := New(keys, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range keys {
			if table.t.index(k) != i {
				t.Errorf("%q leads to %d, want %d", k, table.t.index(k), i)
			}
			if near := k + "~"; !seen[near] && table.t.index(near) != -1 {
				t.Errorf("%q is found, yet it is no key", near)
			}
		}
	})
}
