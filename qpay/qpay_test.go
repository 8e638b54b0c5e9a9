package qpay_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

func TestNewInvalid(t *testing.T) {
	good := qpay.Credentials{Username: "u", Password: "p"}
	for want, try := range map[string]func() (*qpay.Client, error){
		"Credentials.Username is empty": func() (*qpay.Client, error) { return qpay.New(qpay.Credentials{Password: "canary"}) },
		"Credentials.Password is empty": func() (*qpay.Client, error) { return qpay.New(qpay.Credentials{Username: "canary"}) },
		"Credentials.Username contains": func() (*qpay.Client, error) {
			return qpay.New(qpay.Credentials{Username: "can:ary", Password: "canary"})
		},
		"Credentials.Password contains":          func() (*qpay.Client, error) { return qpay.New(qpay.Credentials{Username: "u", Password: "canary\n"}) },
		"WithBaseURL: http://":                   func() (*qpay.Client, error) { return qpay.New(good, pay.WithBaseURL("http://merchant.qpay.mn")) },
		"WithBaseURL: the URL is empty":          func() (*qpay.Client, error) { return qpay.New(good, pay.WithBaseURL("")) },
		"WithBaseURL: the URL has no host":       func() (*qpay.Client, error) { return qpay.New(good, pay.WithBaseURL("merchant.qpay")) },
		"WithMaxAttempts: 0":                     func() (*qpay.Client, error) { return qpay.New(good, pay.WithMaxAttempts(0)) },
		"WithAttemptTimeout: the duration is -1": func() (*qpay.Client, error) { return qpay.New(good, pay.WithAttemptTimeout(-1)) },
		"WithHTTPClient: the client is":          func() (*qpay.Client, error) { return qpay.New(good, pay.WithHTTPClient(nil)) },
		"WithUserAgent: the suffix":              func() (*qpay.Client, error) { return qpay.New(good, pay.WithUserAgent("a\r\nX-Evil: 1")) },
		"WithTransport: the round tripper":       func() (*qpay.Client, error) { return qpay.New(good, pay.WithTransport(nil)) },
	} {
		c, err := try()
		if c != nil {
			t.Errorf("%s: got a client, want none", want)
		}
		if err == nil {
			t.Errorf("got no error, want one that contains %q", want)
			continue
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error contains a credential", want)
			continue
		}
		if !strings.HasPrefix(err.Error(), "qpay: ") {
			t.Errorf("got error %q, want one that begins with %q", err, "qpay: ")
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got error %q, want one that contains %q", err, want)
		}
	}
	if _, err := qpay.New(good); err != nil {
		t.Error(err)
	}
}

func TestNewDoesNoIO(t *testing.T) {
	reached := false
	_, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		reached = true
		return nil, errors.New("unreachable")
	})))
	if err != nil || reached {
		t.Errorf("New: %v, reached the network: %v", err, reached)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// lifecycle does everything that a shop does with an invoice. It is paid by card so
// that it can be refunded.
func lifecycle(t *testing.T, srv *qpaytest.Server) {
	t.Helper()
	c, ctx := connect(t, srv), t.Context()
	inv, err := c.CreateInvoice(ctx, invoice(srv.InvoiceCode(), "https://shop.example/paid"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(inv.Links()); n != 16 {
		t.Errorf("Links: got %d, want 16", n)
	}
	if inv.QRText == "" {
		t.Error("QRText is empty")
	}
	got, err := c.GetInvoice(ctx, inv.InvoiceID)
	if err != nil {
		t.Fatal(err)
	}
	if got.InvoiceStatus != qpay.InvoiceStatusOpen {
		t.Errorf("InvoiceStatus: got %s, want %s", got.InvoiceStatus, qpay.InvoiceStatusOpen)
	}
	if want := qpay.NewAmount(15_000); got.TotalAmount.Cmp(want) != 0 {
		t.Errorf("TotalAmount: got %s, want %s", got.TotalAmount, want)
	}
	check := func() *qpay.PaymentCheck {
		res, err := c.CheckPayment(ctx, qpay.CheckPaymentRequest{ObjectType: qpay.ObjectTypeInvoice, ObjectID: inv.InvoiceID})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	if paid, full := check().Paid(qpay.NewAmount(15_000)); full || paid.Sign() != 0 {
		t.Errorf("unpaid: %s, %v", paid, full)
	}
	id, err := srv.Pay(inv.InvoiceID, qpaytest.PayByCard())
	if err != nil {
		t.Fatal(err)
	}
	if paid, full := check().Paid(qpay.NewAmount(15_000)); !full || paid.Cmp(qpay.NewAmount(15_000)) != 0 {
		t.Errorf("paid: %s, %v", paid, full)
	}
	p, err := c.GetPayment(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if p.PaymentStatus != qpay.PaymentStatusPaid {
		t.Errorf("PaymentStatus: got %s, want %s", p.PaymentStatus, qpay.PaymentStatusPaid)
	}
	if p.TransactionType != qpay.TransactionTypeCard {
		t.Errorf("TransactionType: got %s, want %s", p.TransactionType, qpay.TransactionTypeCard)
	}
	if n := len(p.CardTransactions); n != 1 {
		t.Errorf("CardTransactions: got %d, want 1", n)
	}
	if err := c.CancelInvoice(ctx, inv.InvoiceID); !errors.Is(err, qpay.ErrInvoicePaid) {
		t.Errorf("canceling a paid invoice: %v", err)
	}
	if err := c.RefundPayment(ctx, id, &qpay.RefundPaymentRequest{Note: "returned"}); err != nil {
		t.Errorf("refund: %v", err)
	}
	if err := c.RefundPayment(ctx, id, nil); !errors.Is(err, qpay.ErrPaymentAlreadyCanceled) {
		t.Errorf("second refund: %v", err)
	}
	if _, full := check().Paid(qpay.NewAmount(15_000)); full {
		t.Error("a refunded payment counts as paid")
	}
}

// TestEveryConfig runs a lifecycle for everything that is known to differ between
// QPay's servers and documents.
func TestEveryConfig(t *testing.T) {
	for name, edit := range map[string]func(*qpaytest.Config){
		"default":                func(*qpaytest.Config) {},
		"expiry in seconds":      func(c *qpaytest.Config) { c.ExpiresIn = "seconds" },
		"one token":              func(c *qpaytest.Config) { c.OneToken = true },
		"token type in capitals": func(c *qpaytest.Config) { c.TokenType = "Bearer" },
		"error_code":             func(c *qpaytest.Config) { c.ErrorKey = "error_code" },
		"messages":               func(c *qpaytest.Config) { c.Messages = "text" },
		"errors in a 200":        func(c *qpaytest.Config) { c.ErrorsInside200 = true },
		"other statuses": func(c *qpaytest.Config) {
			c.NotFoundStatus, c.ConflictStatus, c.AmountStatus, c.PermissionStatus = 404, 409, 400, 403
		},
		"no QR image":            func(c *qpaytest.Config) { c.EmptyQRImage = true },
		"deeplinks":              func(c *qpaytest.Config) { c.Links = "qPay_deeplink" },
		"parties as objects":     func(c *qpaytest.Config) { c.SenderData = "object" },
		"parties as null":        func(c *qpaytest.Config) { c.SenderData = "null" },
		"both card shapes":       func(c *qpaytest.Config) { c.Cards = "both" },
		"money as numbers":       func(c *qpaytest.Config) { c.Money = "number" },
		"nothing paid is null":   func(c *qpaytest.Config) { c.UnpaidAmount = "null" },
		"nothing paid is absent": func(c *qpaytest.Config) { c.UnpaidAmount = "absent" },
		"success without a body": func(c *qpaytest.Config) { c.EmptyResponse = "no-body" },
		"success as 204":         func(c *qpaytest.Config) { c.EmptyResponse = "204" },
		"strict pages":           func(c *qpaytest.Config) { c.StrictPageLimit = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lifecycle(t, qpaytest.NewServer(t, qpaytest.WithConfig(edit)))
		})
	}
}

func TestTwoClientsOneValidToken(t *testing.T) {
	srv := qpaytest.NewServer(t, qpaytest.WithConfig(func(c *qpaytest.Config) { c.OneToken = true }))
	a, b := connect(t, srv), connect(t, srv)
	for range 3 { // each login invalidates the other client's token
		for _, c := range []*qpay.Client{a, b} {
			if _, err := c.CreateInvoice(t.Context(), invoice(srv.InvoiceCode(), "https://shop.example")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(srv.Ledger()); n != 6 {
		t.Errorf("%d invoices, want 6", n)
	}
}

func TestFieldErrors(t *testing.T) {
	srv := qpaytest.NewServer(t)
	c := connect(t, srv)
	req := invoice(srv.InvoiceCode(), "https://shop.example")
	req.SenderInvoiceNo = strings.Repeat("9", 46)
	_, err := c.CreateInvoice(t.Context(), req)
	var e *apierr.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want an *apierr.Error", err)
	}
	if e.StatusCode != 400 {
		t.Errorf("StatusCode: got %d, want 400", e.StatusCode)
	}
	if e.Known() {
		t.Error("Known: got true, want false")
	}
	if !errors.Is(err, apierr.ErrInvalidRequest) {
		t.Errorf("got error %v, want one that is %v", err, apierr.ErrInvalidRequest)
	}
	if e.Advice() != apierr.AdviceChange {
		t.Errorf("Advice: got %s, want %s", e.Advice(), apierr.AdviceChange)
	}
	if len(e.Fields) != 1 {
		t.Fatalf("Fields: got %d, want 1", len(e.Fields))
	}
	if got := e.Fields[0].Field; got != "sender_invoice_no" {
		t.Errorf("Field: got %q, want %q", got, "sender_invoice_no")
	}
	if got := e.Fields[0].Type; got != "MAX_LENGTH" {
		t.Errorf("Type: got %q, want %q", got, "MAX_LENGTH")
	}
	if e.Fields[0].Message == "" {
		t.Error("Message is empty")
	}
}

func TestPaymentsIterator(t *testing.T) {
	srv := qpaytest.NewServer(t)
	c := connect(t, srv)
	var want []string
	for range 7 {
		want = append(want, paid(t, srv))
	}
	body := qpay.ListPaymentsRequest{ObjectType: qpay.ObjectTypeInvoice, ObjectID: srv.InvoiceCode(), Offset: qpay.Offset{PageNumber: 1, PageLimit: 3}}
	var got []string
	for row, err := range c.Payments(t.Context(), body) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row.PaymentID)
	}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	before := requests(srv, "/v2/payment/list")
	for _, err := range c.Payments(t.Context(), body) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if n := requests(srv, "/v2/payment/list") - before; n != 1 {
		t.Errorf("%d pages were fetched for one row, want 1", n)
	}
	body.ObjectType, body.ObjectID, body.Offset = qpay.ObjectTypeMerchant, "another merchant", qpay.Offset{}
	rows := 0
	for _, err := range c.Payments(t.Context(), body) {
		if rows++; !errors.Is(err, qpay.ErrPermissionDenied) {
			t.Errorf("another merchant's payments: %v", err)
		}
	}
	if rows != 1 {
		t.Errorf("an error was yielded %d times", rows)
	}
}

func TestPaymentsIteratorRepeatedPage(t *testing.T) {
	page := `{"count":9,"rows":[{"payment_id":"1","payment_status":"PAID","payment_amount":"1.00"},{"payment_id":"2","payment_status":"PAID","payment_amount":"1.00"}]}`
	c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithBaseURL("http://localhost"), pay.WithTransport(canned(t, page)))
	if err != nil {
		t.Fatal(err)
	}
	rows, last := 0, error(nil)
	for _, err := range c.Payments(t.Context(), qpay.ListPaymentsRequest{Offset: qpay.Offset{PageNumber: 1, PageLimit: 2}}) {
		rows, last = rows+1, err
	}
	if rows != 3 || last == nil || !strings.Contains(last.Error(), "two pages in succession begin with") {
		t.Errorf("%d rows, %v; want two rows and an error about the second page", rows, last)
	}
}

func TestClientAfterOneDay(t *testing.T) {
	srv := qpaytest.NewServer(t)
	c := connect(t, srv)
	for range 3 {
		if _, err := c.CreateInvoice(t.Context(), invoice(srv.InvoiceCode(), "https://shop.example")); err != nil {
			t.Fatal(err)
		}
		if err := srv.Advance(25 * time.Hour); err != nil {
			t.Fatal(err)
		}
	}
}
