package qpay_test

import (
	"cmp"
	stdjson "encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/shopspring/decimal"

	"github.com/specpay/specpay/qpay"
)

func TestAmountJSON(t *testing.T) {
	for in, want := range map[string]string{
		`"100.00"`: "100.00", `100`: "100", `100.5`: "100.5", `"89.2857"`: "89.2857", `123456.78`: "123456.78", `16777217`: "16777217",
		`9007199254740993`: "9007199254740993", `"-1.50"`: "-1.50", `-0`: "0", `1e2`: "100", `1.5E3`: "1500", `null`: "", `""`: "", `"  "`: "", `" 7 "`: "7",
		`0`: "0", `"0.00"`: "0.00", `0.1`: "0.1", `"0.000000000000000000000000000001"`: "0.000000000000000000000000000001",
	} {
		for name, unmarshal := range map[string]func([]byte, any) error{"v1": stdjson.Unmarshal, "v2": func(b []byte, v any) error { return json.Unmarshal(b, v) }} {
			var a qpay.Amount
			if err := unmarshal([]byte(in), &a); err != nil || a.String() != want || a.IsSet() != (want != "") {
				t.Errorf("%s %s: %q, %v, want %q", name, in, a, err, want)
				continue
			}
			out, err := json.Marshal(a)
			if err != nil || string(out) != cmp.Or(want, "null") {
				t.Errorf("%s %s: encoded as %s, %v", name, in, out, err)
			}
		}
	}
}

func TestAmountInvalid(t *testing.T) {
	for _, in := range []string{
		`"abc"`, `true`, `{}`, `[1]`, `"1,000"`, `1e309`, `1e1000000000`, `"1e999999999999999999999"`, strings.Repeat("9", 400), `"NaN"`, `"Infinity"`, `"0x10"`, `"1 2"`,
	} {
		start := time.Now()
		var a qpay.Amount
		if err := json.Unmarshal([]byte(in), &a); err == nil {
			t.Errorf("%.40s: decoded as %s", in, a)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%.40s: took %v", in, took)
		}
	}
}

func TestAmountArithmetic(t *testing.T) {
	a, err := qpay.ParseAmount("0.1")
	if err != nil {
		t.Fatal(err)
	}
	b := qpay.AmountFromDecimal(decimal.RequireFromString("0.2"))
	if sum := a.Add(b); sum.String() != "0.3" || sum.Cmp(qpay.NewAmount(1)) != -1 || sum.Sign() != 1 {
		t.Errorf("0.1 + 0.2 = %s", sum)
	}
	one, _ := qpay.ParseAmount("1.00")
	if one.Cmp(qpay.NewAmount(1)) != 0 || !one.Decimal().Equal(decimal.NewFromInt(1)) {
		t.Error("1.00 is not equal to 1")
	}
	if (qpay.Amount{}).IsSet() || !qpay.NewAmount(0).IsSet() || (qpay.Amount{}).Add(qpay.Amount{}).IsSet() {
		t.Error("an amount that is not set is not distinguished from 0")
	}
}

func TestRequestJSON(t *testing.T) {
	req := invoice("CODE", "https://shop.example")
	req.MinimumAmount, req.Lines = qpay.NewAmount(0), []qpay.InvoiceLine{{LineDescription: "x", LineQuantity: qpay.NewAmount(1), LineUnitPrice: qpay.NewAmount(200)}}
	out, err := json.Marshal(req, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"amount":15000`, `"minimum_amount":0`, `"line_quantity":1`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s lacks %s", out, want)
		}
	}
	for _, unwanted := range []string{"maximum_amount", "null", "expiry_date", "transactions", `""`} {
		if strings.Contains(string(out), unwanted) {
			t.Errorf("%s holds %s", out, unwanted)
		}
	}
}

func TestDateTime(t *testing.T) {
	ub := time.FixedZone("UB", 8*3600)
	for in, want := range map[string]string{
		`"2022-03-11T05:57:47.336Z"`: "2022-03-11T05:57:47Z", `"2025-10-31"`: "2025-10-31T00:00:00+08:00", `"2025-10-31 12:30:00"`: "2025-10-31T12:30:00+08:00",
		`"2025-10-31T12:30:00"`: "2025-10-31T12:30:00+08:00", `"2022-03-11T05:57:47+08:00"`: "2022-03-11T05:57:47+08:00",
	} {
		var d qpay.DateTime
		if err := json.Unmarshal([]byte(in), &d); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if got, err := d.Time(ub); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v", in, got.Format(time.RFC3339), err)
		}
	}
	for _, in := range []string{`null`, `""`, `1769756525`, `"soon"`} {
		var d qpay.DateTime
		if err := json.Unmarshal([]byte(in), &d); err != nil {
			t.Errorf("%s: the response cannot be decoded: %v", in, err)
		}
		if _, err := d.Time(nil); err == nil {
			t.Errorf("%s was parsed as a time", in)
		}
	}
	at := time.Date(2025, 10, 31, 12, 0, 5, 0, ub)
	if qpay.FormatDate(at) != "2025-10-31" || qpay.FormatTime(at) != "2025-10-31 12:00:05" {
		t.Error(qpay.FormatDate(at), qpay.FormatTime(at))
	}
}

func TestFlagAndParty(t *testing.T) {
	for in, want := range map[string]bool{`true`: true, `false`: false, `"true"`: true, `"TRUE"`: true, `"false"`: false, `1`: true, `0`: false, `"1"`: true, `null`: false, `""`: false} {
		f := qpay.Flag(!want)
		if err := json.Unmarshal([]byte(in), &f); err != nil || bool(f) != want {
			t.Errorf("%s: %v, %v", in, f, err)
		}
	}
	for in, want := range map[string]string{`""`: "", `null`: "", `{}`: "", `{"name":"A","unknown":1}`: "A", `"B"`: "B", `{"name":"C","address":{"city":"UB"}}`: "C"} {
		p := qpay.Party{Name: "old"}
		if err := json.Unmarshal([]byte(in), &p); err != nil || p.Name != want {
			t.Errorf("%s: %+v, %v", in, p, err)
		}
	}
	var f qpay.Flag
	var p qpay.Party
	if json.Unmarshal([]byte(`"maybe"`), &f) == nil || json.Unmarshal([]byte(`[1]`), &p) == nil {
		t.Error("an invalid value was accepted")
	}
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"1", `"1.50"`, "null", `""`, "1e30", "-0.0001", `"abc"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var a, b qpay.Amount
		if json.Unmarshal(in, &a) != nil {
			return
		}
		out, err := json.Marshal(a)
		if err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		if err := json.Unmarshal(out, &b); err != nil || a.Cmp(b) != 0 || a.IsSet() != b.IsSet() {
			t.Fatalf("%q: %s becomes %s (%v)", in, a, b, err)
		}
	})
}
