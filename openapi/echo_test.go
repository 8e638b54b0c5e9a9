package openapi_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// TestSwappedResponsesAreNotTrusted makes two calls at the same time through a proxy
// that exchanges their responses. Both signatures are valid, because a signature does
// not cover the request's body.
func TestSwappedResponsesAreNotTrusted(t *testing.T) {
	srv := openapitest.NewServer(t)
	direct := connect(t, srv)
	c := connect(t, srv, pay.WithBaseURL(swapping(t, srv)), pay.WithMaxAttempts(1))
	for name, call := range map[string]func(*openapi.QROrder, int64) error{
		"inquiryPayment": func(o *openapi.QROrder, _ int64) error {
			_, err := c.InquiryPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: o.PaymentID})
			return err
		},
		"createQrOrder": func(_ *openapi.QROrder, n int64) error {
			body := qrOrder(srv.ProductCode())
			body.PaymentAmount = openapi.NewAmount(n, "EUR")
			_, err := c.CreateQROrder(t.Context(), body)
			return err
		},
		"refundApply": func(o *openapi.QROrder, n int64) error {
			_, err := c.RefundApply(t.Context(), openapi.RefundApplyRequest{PaymentID: o.PaymentID, RefundAmount: openapi.NewAmount(n, "EUR")})
			return err
		},
	} {
		var errs [2]error
		var both sync.WaitGroup
		for i := range errs {
			order := must(direct.CreateQROrder(t.Context(), qrOrder(srv.ProductCode())))
			if err := srv.Pay(order.PaymentID); err != nil {
				t.Fatal(err)
			}
			both.Go(func() { errs[i] = call(order, int64(100*(i+1))) })
		}
		both.Wait()
		for _, err := range errs {
			e, ok := errors.AsType[*apierr.Error](err)
			if !ok {
				t.Errorf("%s: got error %v, want an *apierr.Error", name, err)
				continue
			}
			if want := name != "inquiryPayment"; errors.Is(err, apierr.ErrOutcomeUnknown) != want || e.Code != nil || e.StatusCode != 200 {
				t.Errorf("%s: got %v, want an unreadable response; unknown outcome: %t", name, err, want)
			}
		}
	}
}

// swapping starts a proxy that holds each response until there is another one, and
// sends each client the response of the other.
func swapping(t *testing.T, srv *openapitest.Server) string {
	t.Helper()
	type held struct {
		response, other chan *httptest.ResponseRecorder
	}
	first := make(chan held, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mine := httptest.NewRecorder()
		srv.Handler().ServeHTTP(mine, r)
		var got *httptest.ResponseRecorder
		pair := held{make(chan *httptest.ResponseRecorder, 1), make(chan *httptest.ResponseRecorder, 1)}
		select {
		case first <- pair:
			pair.response <- mine
			got = <-pair.other
		case other := <-first:
			other.other <- mine
			got = <-other.response
		}
		for name, values := range got.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(got.Code)
		_, _ = w.Write(got.Body.Bytes())
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}
