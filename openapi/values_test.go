package openapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/encodings"
	"github.com/specpay/specpay/openapi"
)

func TestMinorUnits(t *testing.T) {
	for text, want := range map[string]openapi.MinorUnits{`"2500"`: 2500, `2500`: 2500, `"0"`: 0, `"007"`: 7, `"999999999999999999"`: 999_999_999_999_999_999} {
		var got openapi.MinorUnits
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{`"25.00"`, `25.5`, `2.5e3`, `"1e3"`, `-1`, `"-1"`, `"+1"`, `""`, `" 1"`, `null`, `true`, `{}`, `[]`, `"1000000000000000000"`, `"\u0031"`, `"0x10"`} {
		var got openapi.MinorUnits
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s: decoded as %d", text, got)
		}
	}
	b, err := json.Marshal(openapi.Amount{Currency: "EUR", Value: 2500})
	if err != nil || string(b) != `{"currency":"EUR","value":"2500"}` {
		t.Errorf("%s, %v", b, err)
	}
	if b, err := json.Marshal(openapi.Amount{Currency: "EUR", Value: -1}); err == nil {
		t.Errorf("a negative amount was encoded: %s", b)
	}
}

func TestAmountString(t *testing.T) {
	for want, a := range map[string]openapi.Amount{
		"25.00 EUR": openapi.NewAmount(2500, "EUR"), "0.05 EUR": {Currency: "EUR", Value: 5}, "0.00 EUR": {Currency: "EUR"}, "-0.05 EUR": openapi.NewAmount(-5, "EUR"),
		"-12.34 EUR": openapi.NewAmount(-1234, "EUR"), "2500 minor units of XXX": openapi.NewAmount(2500, "XXX"), "92233720368547758.07 EUR": openapi.NewAmount(1<<63-1, "EUR"),
		"-92233720368547758.08 EUR": openapi.NewAmount(-1<<63, "EUR"),
	} {
		if got := a.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestDateTime(t *testing.T) {
	want := time.Date(2024, 1, 10, 13, 30, 45, 0, time.UTC)
	for _, text := range []openapi.DateTime{"2024-01-10T14:30:45+01:00", "2024-01-10T13:30:45Z", "2024-01-10T13:30:45.000Z", "1704893445", openapi.FormatTime(want.In(time.FixedZone("", 3600)))} {
		if got, err := text.Time(); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if got, err := openapi.DateTime("2024-02-01").Time(); err != nil || !got.Equal(time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("a date: %v, %v", got, err)
	}
	for _, text := range []openapi.DateTime{"", "soon", "2024-01-10 13:30:45", "17048934450", "-704893445"} {
		if got, err := text.Time(); err == nil {
			t.Errorf("%q: parsed as %v", text, got)
		}
	}
}

func TestRawJSON(t *testing.T) {
	var v openapi.VoidInquiry
	in := `{"result":{"resultStatus":"S"},"voidDetails":[{"voidId":"1","x":[1,2]}]}`
	if err := json.Unmarshal([]byte(in), &v); err != nil || string(v.VoidDetails[0]) != `{"voidId":"1","x":[1,2]}` {
		t.Fatalf("%v: %+v", err, v)
	}
	out, err := json.Marshal(v)
	if err != nil || string(out) != in {
		t.Errorf("%s, %v", out, err)
	}
	if out, err := json.Marshal(openapi.RawJSON(nil)); err != nil || string(out) != "null" {
		t.Errorf("%s, %v", out, err)
	}
}

// TestTokensAreRedacted: a token in a request, a response or a notification is not
// printed, logged or encoded, but it is part of the JSON, in which it is sent.
func TestTokensAreRedacted(t *testing.T) {
	token := openapi.Token{AccessToken: "canary", RefreshToken: "canary"}
	notification := openapi.ContractNotification{AccessToken: "canary"}
	event := openapi.Event{Contract: &notification, Body: []byte("canary")}
	for _, v := range []any{token, &token, token.AccessToken, openapi.PayRequest{AccessToken: "canary"}, openapi.ApplyTokenRequest{RefreshToken: "canary"}, notification, event, &event} {
		for o := range encodings.Of(v) {
			way, holder, _ := strings.Cut(o.Way, ", ")
			_, isEvent := v.(fmt.Formatter)
			switch {
			case strings.HasPrefix(way, "json"), way == "slog json" && holder != "value":
				continue
			case isEvent && (way == "xml" || way == "yaml" || way == "gob"): // they encode Body
				continue
			}
			for _, form := range []string{"canary", "63616e617279", "63616E617279", "99 97 110 97 114 121"} {
				if strings.Contains(o.Text, form) {
					t.Errorf("%T, %s: got %.300s", v, o.Way, o.Text)
				}
			}
		}
	}
	if b, err := json.Marshal(notification); err != nil || !strings.Contains(string(b), `"accessToken":"canary"`) {
		t.Errorf("%s, %v", b, err)
	}
	if got, want := fmt.Sprint(event), "openapi.Event[Contract="; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want prefix %s", got, want)
	}
}
