package gateway_test

import (
	"math"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/gateway"
)

func TestCurrencyFormat(t *testing.T) {
	for _, tt := range []struct {
		currency gateway.Currency
		minor    int64
		want     string
	}{
		{"IDR", 50_000, "50000 IDR"}, {"IDR", 0, "0 IDR"}, {"IDR", -5, "-5 IDR"},
		{"USD", 2900, "29.00 USD"}, {"USD", 5, "0.05 USD"}, {"EUR", -5, "-0.05 EUR"}, {"GBP", 100, "1.00 GBP"}, {"USD", 0, "0.00 USD"},
		{"USD", math.MaxInt64, "92233720368547758.07 USD"}, {"USD", math.MinInt64, "-92233720368547758.08 USD"},
		{"XXX", 7, "7 minor units of XXX"},
	} {
		if got := tt.currency.Format(tt.minor); got != tt.want {
			t.Errorf("%s %d: %q, want %q", tt.currency, tt.minor, got, tt.want)
		}
	}
}

func TestCurrencyParse(t *testing.T) {
	for _, tt := range []struct {
		currency gateway.Currency
		text     string
		want     int64
		ok       bool
	}{
		{"IDR", "50000", 50_000, true}, {"USD", "29", 2900, true}, {"USD", "29.0", 2900, true}, {"USD", "29.99", 2999, true}, {"EUR", "0.05", 5, true},
		{"USD", "92233720368547758.07", math.MaxInt64, true},
		{"IDR", "50000.00", 0, false}, {"USD", "29.999", 0, false}, {"USD", "", 0, false}, {"USD", ".5", 0, false}, {"USD", "5.", 0, false},
		{"USD", "-5", 0, false}, {"USD", "+5", 0, false}, {"USD", "1e3", 0, false}, {"USD", "1,000", 0, false}, {"USD", "1.0.0", 0, false},
		{"USD", "92233720368547758.08", 0, false}, {"XXX", "1", 0, false},
	} {
		if got, err := tt.currency.Parse(tt.text); got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%s %q: %d, %v", tt.currency, tt.text, got, err)
		}
	}
}

func TestTimestamp(t *testing.T) {
	if at, err := gateway.Timestamp("2026-05-09T12:34:56Z").Time(); err != nil || !at.Equal(time.Unix(1778330096, 0)) {
		t.Errorf("%v, %v", at, err)
	}
	if got := gateway.FormatTime(time.Unix(1778330096, 0).In(time.FixedZone("", 3600))); got != "2026-05-09T12:34:56Z" {
		t.Error(got)
	}
	for _, bad := range []gateway.Timestamp{"", "2026-05-09", "1778330096", "2026-05-09 12:34:56"} {
		if _, err := bad.Time(); err == nil {
			t.Errorf("%q was parsed as a time", bad)
		}
	}
}

func TestMetadata(t *testing.T) {
	text := `{"big":9007199254740993,"deep":{"list":[1,"a",null,true,{"n":-2}]},"price":29.90,"plan":"pro","none":null,"yes":true}`
	var m gateway.Metadata
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"plan": "pro", "yes": "", "absent": ""} {
		if got := m.Get(name); got != want {
			t.Errorf("Get(%q): got %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]any{"big": int64(9007199254740993), "yes": true} {
		if got := m[name]; got != want {
			t.Errorf("%s: got %T %v, want %T %v", name, got, got, want, want)
		}
	}
	price, ok := m["price"].(jsontext.Value)
	if !ok || string(price) != "29.90" {
		t.Errorf("a fraction is %T %v, want the original text", m["price"], m["price"])
	}
	deep := m["deep"].(gateway.Metadata)["list"].([]any)
	if len(deep) != 5 {
		t.Fatalf("list: got %d elements, want 5", len(deep))
	}
	for i, want := range map[int]any{0: int64(1), 2: nil} {
		if deep[i] != want {
			t.Errorf("list[%d]: got %T %v, want %T %v", i, deep[i], deep[i], want, want)
		}
	}
	if got, want := deep[4].(gateway.Metadata)["n"], any(int64(-2)); got != want {
		t.Errorf("list[4].n: got %T %v, want %T %v", got, got, want, want)
	}
	back, err := json.Marshal(m, json.Deterministic(true))
	if want := `{"big":9007199254740993,"deep":{"list":[1,"a",null,true,{"n":-2}]},"none":null,"plan":"pro","price":29.90,"yes":true}`; err != nil || string(back) != want {
		t.Errorf("encoded: %s, %v", back, err)
	}
	if json.Unmarshal([]byte("null"), &m) != nil || m != nil {
		t.Errorf("null is %#v", m)
	}
	for _, bad := range []string{`[]`, `"x"`, `7`, `{"a":1,"a":2}`, `{"a":{"b":1,"b":2}}`} {
		if json.Unmarshal([]byte(bad), &m) == nil {
			t.Errorf("%s was accepted as metadata", bad)
		}
	}
}

func TestFinal(t *testing.T) {
	for status, want := range map[gateway.PaymentStatus]bool{"initiated": false, "succeeded": true, "failed": true, "canceled": true, "something new": false} {
		if status.Final() != want {
			t.Errorf("%s: final is %v", status, !want)
		}
	}
}
