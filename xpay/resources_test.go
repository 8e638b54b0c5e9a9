package xpay_test

import (
	"errors"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// TestProducts calls the operations of products and prices. The tests of this file
// and TestSessionLifecycle call every operation.
func TestProducts(t *testing.T) {
	srv := xpaytest.NewServer(t)
	c, ctx := connect(t, srv), t.Context()
	item := must(t)(c.CreateProduct(ctx, xpay.CreateProductRequest{Name: "Ticket", Description: "One evening", Metadata: xpay.Metadata{"sku": "1"}})).(*xpay.ProductItem)
	price := must(t)(c.CreatePrice(ctx, &xpay.CreatePriceParams{ProductID: item.ID}, xpay.CreatePriceRequest{UnitAmount: new(xpay.Amount(500)), Stock: new(3)})).(*xpay.Price)
	if price.UnitAmount != 500 {
		t.Errorf("UnitAmount: got %d, want 500", price.UnitAmount)
	}
	if price.Stock == nil {
		t.Error("Stock: got nil, want 3")
	} else if *price.Stock != 3 {
		t.Errorf("Stock: got %v, want 3", *price.Stock)
	}
	if price.ProductID != item.ID {
		t.Errorf("ProductID: got %s, want %s", price.ProductID, item.ID)
	}
	price = must(t)(c.UpdatePrice(ctx, price.ID, xpay.UpdatePriceRequest{Stock: xpay.Null[int](), Name: xpay.Set("Full")})).(*xpay.Price)
	if price.Stock != nil {
		t.Errorf("updated price: Stock: got %v, want nil", *price.Stock)
	}
	if price.Name != "Full" {
		t.Errorf("updated price: Name: got %q, want %q", price.Name, "Full")
	}
	product := must(t)(c.UpdateProduct(ctx, item.ID, xpay.UpdateProductRequest{DefaultPrice: xpay.Set(price.ID), Description: xpay.Null[string]()})).(*xpay.Product)
	if product.DefaultPriceID != price.ID {
		t.Errorf("updated product: DefaultPriceID: got %s, want %s", product.DefaultPriceID, price.ID)
	}
	if product.Description != "" {
		t.Errorf("updated product: Description: got %q, want none", product.Description)
	}
	if sku := product.Metadata.Get("sku"); sku != "1" {
		t.Errorf("updated product: metadata sku: got %q, want %q", sku, "1")
	}
	if err := c.DeletePrice(ctx, price.ID); err != nil {
		t.Error(err)
	}
	product = must(t)(c.GetProduct(ctx, item.ID)).(*xpay.Product)
	if product.DefaultPriceID != "" {
		t.Errorf("after DeletePrice: DefaultPriceID: got %s, want none", product.DefaultPriceID)
	}
	if n := len(product.Prices); n != 0 {
		t.Errorf("after DeletePrice: Prices: got %d, want 0", n)
	}
	if err := c.DeleteProduct(ctx, item.ID); err != nil {
		t.Error(err)
	}
	if err := c.DeleteProduct(ctx, item.ID); !errors.Is(err, xpay.ErrResourceMissing) || !errors.Is(err, apierr.ErrNotFound) {
		t.Errorf("second DeleteProduct: got error %v, want one that is %v and %v", err, xpay.ErrResourceMissing, apierr.ErrNotFound)
	}
}

func TestPaymentLinks(t *testing.T) {
	srv := xpaytest.NewServer(t)
	c, ctx := connect(t, srv), t.Context()
	item := must(t)(c.CreateProduct(ctx, xpay.CreateProductRequest{Name: "Ticket", DefaultPrice: &xpay.CreatePriceRequest{UnitAmount: new(xpay.Amount(500))}})).(*xpay.ProductItem)
	link := must(t)(c.CreatePaymentLink(ctx, xpay.CreatePaymentLinkRequest{
		LineItems:       []xpay.LinkLineItemInput{{PriceID: item.Prices[0].ID, Quantity: 2}},
		AfterCompletion: xpay.AfterCompletion{Type: xpay.AfterCompletionTypeHostedConfirmation},
		ExpiresAt:       xpay.FormatTime(srv.Now().AddDate(0, 0, 1)), CustomFields: []xpay.LinkCustomFieldInput{{Label: "Size", Type: xpay.CustomFieldTypeText}},
	})).(*xpay.PaymentLink)
	if got, want := link.URL(), "https://checkout.xpay.app/p/"+link.ID; got != want {
		t.Errorf("URL: got %s, want %s", got, want)
	}
	if link.ComputedAmount != 1000 {
		t.Errorf("ComputedAmount: got %d, want 1000", link.ComputedAmount)
	}
	if link.ExpiresAt == "" {
		t.Error("ExpiresAt is empty")
	}
	if n := len(link.CustomFields); n != 1 {
		t.Errorf("CustomFields: got %d, want 1", n)
	}
	link = must(t)(c.UpdatePaymentLink(ctx, link.ID, xpay.UpdatePaymentLinkRequest{ExpiresAt: xpay.Null[xpay.DateTime](), CustomFields: xpay.Set([]xpay.LinkCustomFieldInput{})})).(*xpay.PaymentLink)
	if link.ExpiresAt != "" {
		t.Errorf("updated link: ExpiresAt: got %s, want none", link.ExpiresAt)
	}
	if n := len(link.CustomFields); n != 0 {
		t.Errorf("updated link: CustomFields: got %d, want 0", n)
	}
	if !link.Active {
		t.Error("updated link: Active: got false, want true")
	}
	paid, err := srv.Pay(link.ID)
	if err != nil {
		t.Fatal(err)
	}
	session := must(t)(c.GetCheckoutSession(ctx, paid.SessionID)).(*xpay.CheckoutSession)
	if !session.Paid() {
		t.Error("session: Paid: got false, want true")
	}
	if session.PaymentLinkID != link.ID {
		t.Errorf("session: PaymentLinkID: got %s, want %s", session.PaymentLinkID, link.ID)
	}
	guest := must(t)(c.GetCustomer(ctx, session.CustomerID)).(*xpay.Customer)
	if guest.Type != xpay.CustomerTypeGuest {
		t.Errorf("customer: Type: got %s, want %s", guest.Type, xpay.CustomerTypeGuest)
	}
	if guest.GuestFingerprint == nil {
		t.Error("customer: GuestFingerprint is nil")
	}
	f := must(t)(c.CreateRefund(ctx, xpay.CreateRefundRequest{ChargeID: paid.ChargeID})).(*xpay.Refund)
	if f.Amount != 1000 {
		t.Errorf("CreateRefund: Amount: got %d, want 1000", f.Amount)
	}
	if same := must(t)(c.GetRefund(ctx, f.ID)).(*xpay.Refund); same.Amount != f.Amount {
		t.Errorf("GetRefund: Amount: got %d, want %d", same.Amount, f.Amount)
	}
	if got := must(t)(c.GetPaymentLink(ctx, link.ID)).(*xpay.PaymentLink); got.ID != link.ID {
		t.Errorf("GetPaymentLink: ID: got %s, want %s", got.ID, link.ID)
	}
}

func TestWebhookEndpoints(t *testing.T) {
	srv := xpaytest.NewServer(t)
	c, ctx := connect(t, srv), t.Context()
	made := must(t)(c.CreateWebhookEndpoint(ctx, xpay.CreateWebhookEndpointRequest{URL: "https://shop.example/xpay", EnabledEvents: []xpay.EventType{xpay.EventTypeChargeRefunded}})).(*xpay.WebhookEndpointWithSecret)
	ep := must(t)(c.UpdateWebhookEndpoint(ctx, made.ID, xpay.UpdateWebhookEndpointRequest{Status: xpay.WebhookEndpointStatusDisabled, EnabledEvents: xpay.Set([]xpay.EventType{})})).(*xpay.WebhookEndpoint)
	if ep.Status != xpay.WebhookEndpointStatusDisabled {
		t.Errorf("updated endpoint: Status: got %s, want %s", ep.Status, xpay.WebhookEndpointStatusDisabled)
	}
	if n := len(ep.EnabledEvents); n != 0 {
		t.Errorf("updated endpoint: EnabledEvents: got %d, want 0", n)
	}
	if got := must(t)(c.GetWebhookEndpoint(ctx, made.ID)).(*xpay.WebhookEndpoint); got.URL != made.URL {
		t.Errorf("GetWebhookEndpoint: URL: got %s, want %s", got.URL, made.URL)
	}
	if err := c.DeleteWebhookEndpoint(ctx, made.ID); err != nil {
		t.Error(err)
	}
	if n := count(t, c.WebhookEndpoints(ctx)); n != 0 {
		t.Errorf("endpoints: got %d, want 0", n)
	}
}

// must ends the test if there is an error, and returns the result otherwise.
func must(t *testing.T) func(any, error) any {
	t.Helper()
	return func(v any, err error) any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
