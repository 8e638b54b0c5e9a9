package qpay_test

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

// created returns a response of the size of QPay's, with a QR image and 15 bank
// links.
func created() string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"invoice_id":"d50f49f2-9032-4a74-8929-530531f28f63","qr_text":%q,"qr_image":%q,"qPay_shortUrl":"https://s.qpay.mn/z","urls":[`,
		strings.Repeat("0", 200), strings.Repeat("iVBORw0KGgo", 136))
	for i := range 15 {
		fmt.Fprintf(&b, `%s{"name":"Khan bank","description":"Хаан банк","logo":"https://qpay.mn/q/logo/khanbank.png","link":"khanbank://q?qPay_QRcode=%s"}`,
			strings.Repeat(",", min(i, 1)), strings.Repeat("0", 60))
	}
	return b.String() + "]}"
}

// memory responds from memory, so that only the client is measured.
func memory(body string) http.RoundTripper {
	token := fmt.Sprintf(`{"access_token":%q,"expires_in":%d}`, strings.Repeat("t", 140), time.Now().Add(24*time.Hour).Unix())
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		text := body
		if r.URL.Path == "/v2/auth/token" {
			text = token
		}
		status := 200
		if strings.HasPrefix(text, `{"error"`) {
			status = 404
		}
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(text)),
			Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
	})
}

// floor makes the same call with net/http and encoding/json only.
func floor(ctx context.Context, hc *http.Client, req qpay.CreateInvoiceRequest, out any) error {
	body, err := stdjson.Marshal(req)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/v2/invoice", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+strings.Repeat("t", 140))
	r.Header.Set("Content-Type", "application/json")
	resp, err := hc.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return stdjson.Unmarshal(data, out)
}

// BenchmarkCall compares a call of the client with floor.
func BenchmarkCall(b *testing.B) {
	req := invoice("CODE", "https://shop.example/paid")
	for path, body := range map[string]string{"ok": created(), "refused": `{"error":"INVOICE_CODE_INVALID","message":"INVOICE_CODE_INVALID"}`} {
		b.Run("path="+path+"/impl=floor", func(b *testing.B) {
			hc := &http.Client{Transport: memory(body)}
			b.ReportAllocs()
			for b.Loop() {
				var out qpay.InvoiceCreated
				if err := floor(b.Context(), hc, req, &out); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("path="+path+"/impl=qpay", func(b *testing.B) {
			c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithBaseURL("http://localhost"), pay.WithTransport(memory(body)))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.CreateInvoice(b.Context(), req); (err == nil) != (path == "ok") {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCodeLookup compares the generated lookup with a map.
func BenchmarkCodeLookup(b *testing.B) {
	all := qpay.ErrorCodes()
	m := map[qpay.ErrorCode]apierr.CodeInfo{}
	for _, c := range all {
		m[c], _ = c.Info()
	}
	b.Run("impl=map", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			_, _ = m[all[i%len(all)]]
		}
	})
	b.Run("impl=generated", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			_, _ = all[i%len(all)].Info()
		}
	})
}
