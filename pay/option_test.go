package pay_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
)

func TestTokenNeverPrints(t *testing.T) {
	tok := pay.Token{Access: "canary-a", Refresh: "canary-r", Expires: time.Unix(0, 0)}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "t", tok, "p", &tok)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "t", tok)
	fmt.Fprintf(&log, "%v %+v %#v %s %d %v", tok, tok, tok, tok, tok, &tok)
	if strings.Contains(log.String(), "canary") {
		t.Errorf("a token was printed: %s", log.String())
	}
}

func TestOptionsRefuse(t *testing.T) {
	for name, o := range map[string]pay.Option{
		"WithBaseURL": pay.WithBaseURL(""), "WithHTTPClient": pay.WithHTTPClient(nil), "WithTransport": pay.WithTransport(nil),
		"WithAttemptTimeout": pay.WithAttemptTimeout(0), "WithTotalTimeout": pay.WithTotalTimeout(-1), "WithMaxAttempts": pay.WithMaxAttempts(11),
		"WithUserAgent": pay.WithUserAgent("a\nb"), "WithClock": pay.WithClock(nil), "WithRandom": pay.WithRandom(nil),
	} {
		if err := o(&pay.Settings{}); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, o := range map[string]pay.CallOption{
		"WithIdempotencyKey": pay.WithIdempotencyKey("a b"), "WithCallTimeout": pay.WithCallTimeout(0), "WithCallAttemptTimeout": pay.WithCallAttemptTimeout(-1), "WithMeta": pay.WithMeta(nil),
	} {
		if err := o(&pay.CallSettings{}); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, h := range [][2]string{{"authorization", "x"}, {"Host", "x"}, {"Idempotency-Key", "k"}, {"", "x"}, {"a b", "x"}, {"X-A", "a\r\nX-B: c"}, {"X-A", "ä"}, {"X-A", strings.Repeat("x", 5000)}} {
		if err := pay.WithHeader(h[0], h[1])(&pay.CallSettings{}); err == nil || !strings.HasPrefix(err.Error(), "WithHeader: ") {
			t.Errorf("header %.20q: %v", h, err)
		}
	}
}
