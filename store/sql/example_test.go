package sqlstore_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // for PostgreSQL: github.com/jackc/pgx/v5/stdlib

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
	sqlstore "github.com/specpay/specpay/store/sql"
)

// markPaid books a payment in the transaction that also records the event. If it
// returns an error, neither is stored, and QPay is asked to deliver the event again.
func markPaid(ctx context.Context, ev qpay.Event) error {
	tx, ok := sqlstore.Tx(ctx)
	if !ok {
		return errors.New("the client has no event store of package sqlstore")
	}
	var order, amount string
	err := tx.QueryRowContext(ctx, "SELECT id, amount FROM orders WHERE invoice_id = $1", ev.InvoiceID).Scan(&order, &amount)
	if err != nil {
		return fmt.Errorf("invoice %s: %w", ev.InvoiceID, err)
	}
	want, err := qpay.ParseAmount(amount)
	if err != nil {
		return err
	}
	if ev.Payment.PaymentAmount.Cmp(want) != 0 || ev.Payment.PaymentCurrency != qpay.CurrencyMNT {
		return fmt.Errorf("payment %s does not match order %s", ev.PaymentID, order)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO payments (id, order_id) VALUES ($1, $2)", ev.PaymentID, order)
	return err
}

// newShop returns a client that handles each event exactly once.
func newShop(ctx context.Context, db *sql.DB, creds qpay.Credentials, opts ...pay.Option) (*qpay.Client, error) {
	key, err := base64.StdEncoding.DecodeString(os.Getenv("TOKEN_KEY")) // 32 random bytes: head -c 32 /dev/urandom | base64
	if err != nil {
		return nil, errors.New("TOKEN_KEY is not base64")
	}
	store, err := sqlstore.New(db, sqlstore.SQLite, sqlstore.WithTokenKey(key)) // or sqlstore.PostgreSQL
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx); err != nil {
		return nil, err
	}
	return qpay.New(creds, append(opts, pay.WithEventStore(store), pay.WithTokenStore(store))...)
}

func Example() {
	srv, err := qpaytest.Start("127.0.0.1:0") // a local QPay
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "shop.db")+"?_pragma=journal_mode(wal)&_pragma=busy_timeout(5000)")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	ctx := context.Background()
	_, err = db.ExecContext(ctx, `
		CREATE TABLE orders (id TEXT PRIMARY KEY, amount TEXT, invoice_id TEXT UNIQUE);
		CREATE TABLE payments (id TEXT PRIMARY KEY, order_id TEXT)`)
	if err != nil {
		log.Fatal(err)
	}
	_ = os.Setenv("TOKEN_KEY", base64.StdEncoding.EncodeToString(make([]byte, 32)))
	client, err := newShop(ctx, db, srv.Credentials(), pay.WithBaseURL(srv.URL))
	if err != nil {
		log.Fatal(err)
	}

	const url = "https://shop.example/hooks/qpay"
	invoice, err := client.CreateInvoice(ctx, qpay.CreateInvoiceRequest{
		InvoiceCode: srv.InvoiceCode(), SenderInvoiceNo: "1001", InvoiceReceiverCode: "terminal",
		InvoiceDescription: "Two tickets", Amount: qpay.NewAmount(15_000), CallbackURL: url,
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO orders VALUES ('1001', '15000', $1)", invoice.InvoiceID); err != nil {
		log.Fatal(err)
	}
	paymentID, err := srv.Pay(invoice.InvoiceID) // the payer pays
	if err != nil {
		log.Fatal(err)
	}
	handler := client.Webhook(markPaid)
	for range 3 { // QPay delivers the event several times
		callback, err := srv.Callback(paymentID, url)
		if err != nil {
			log.Fatal(err)
		}
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, callback)
		fmt.Println(response.Code == http.StatusOK, response.Body)
	}
	var payments int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM payments WHERE order_id = '1001'").Scan(&payments); err != nil {
		log.Fatal(err)
	}
	fmt.Println("payments of the order:", payments)
	// Output:
	// true SUCCESS
	// true SUCCESS
	// true SUCCESS
	// payments of the order: 1
}
