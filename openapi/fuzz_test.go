package openapi_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/clientcontract"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

func FuzzError(f *testing.F)        { clientcontract.FuzzError(f, suite(f)) }
func FuzzModels(f *testing.F)       { clientcontract.FuzzModels(f, suite(f)) }
func FuzzNotification(f *testing.F) { webhookcontract.FuzzNotification(f, suite(f)) }
func FuzzSandbox(f *testing.F)      { sandboxcontract.FuzzSandbox(f, suite(f)) }
func FuzzSignatureHeader(f *testing.F) {
	webhookcontract.FuzzHeaders(f, suite(f), "Signature", "Request-Time")
}

// FuzzResult responds to a payment with any result. Only S and A are successes.
func FuzzResult(f *testing.F) {
	for _, s := range []string{`{"resultStatus":"S","resultCode":"SUCCESS"}`, `{"resultStatus":"U"}`, `{"resultStatus":"F","resultCode":"ORDER_IS_CLOSED"}`, `{"resultStatus":"A"}`, `{"resultStatus":"Z"}`, `{"resultStatus":7}`, `{}`, `null`, `"S"`, `[]`} {
		f.Add([]byte(s))
	}
	srv := openapitest.NewServer(f)
	f.Fuzz(func(t *testing.T, result []byte) {
		body := []byte(`{"paymentId":"1","result":` + string(result) + `}`)
		rt := tripper(func(r *http.Request) (*http.Response, error) {
			h := http.Header{"Content-Type": {"application/json"}}
			srv.SignResponse(r, h, body)
			return &http.Response{StatusCode: 200, Header: h, Body: noClose{strings.NewReader(string(body))}}, nil
		})
		c := connect(t, srv, pay.WithTransport(rt), pay.WithMaxAttempts(1))
		var err error
		var p *openapi.Payment
		harness.Bounded(t, len(body), func() { p, err = c.RetailPay(t.Context(), openapi.RetailPayRequest{PaymentRequestID: "r"}) })
		var e *apierr.Error
		switch {
		case err == nil && p.Result.ResultStatus != openapi.ResultStatusSuccess && p.Result.ResultStatus != openapi.ResultStatusAccepted && !known(p.Result.ResultCode):
			t.Errorf("%s is a success", result)
		case err != nil && (!errors.As(err, &e) || e.Outcome() == apierr.OutcomeApplied):
			t.Errorf("%s: %v", result, err)
		}
	})
}

// known reports whether a code takes precedence over the result status, such as
// SENDING.
func known(c openapi.ErrorCode) bool {
	info, ok := c.Info()
	return ok && (info.Outcome == apierr.OutcomePending || info.Outcome == apierr.OutcomeApplied)
}

// FuzzCanonical signs requests with any ID and text. The sandbox verifies them with
// its own code.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"2024011012345678901234", "", "ä ö", "a/b?c=d#e", "\u2028<>&", "\x00\n", "\xff"} {
		f.Add(s, s)
	}
	srv := openapitest.NewServer(f)
	c := connect(f, srv)
	f.Fuzz(func(t *testing.T, id, text string) {
		_, err := c.InquiryPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: id, PaymentRequestID: text})
		if errors.Is(err, openapi.ErrInvalidSignature) || strings.Contains(errorText(err), "signature") {
			t.Errorf("%q, %q: %v", id, text, err)
		}
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// FuzzMoney decodes any JSON as minor units. Encoding and decoding them again gives
// the same number.
func FuzzMoney(f *testing.F) {
	for _, s := range []string{`"2500"`, `2500`, `"0"`, `-1`, `1.0`, `"1e3"`, `"999999999999999999"`, `9999999999999999999`, `""`, `null`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var a, b openapi.MinorUnits
		harness.Bounded(t, len(in), func() {
			if json.Unmarshal(in, &a) != nil {
				return
			}
			out, err := json.Marshal(a)
			if err != nil {
				t.Errorf("%q: %d cannot be encoded: %v", in, a, err)
				return
			}
			if err := json.Unmarshal(out, &b); err != nil {
				t.Errorf("%q: %s cannot be decoded: %v", in, out, err)
				return
			}
			if b != a {
				t.Errorf("%q: decoded again: got %d, want %d", in, b, a)
			}
			if a < 0 {
				t.Errorf("%q: got %d minor units, want 0 or more", in, a)
			}
		})
	})
}
