package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/pay"
	sqlstore "github.com/specpay/specpay/store/sql"
)

// payer is a process that refunds one cent after another until it kills itself, or
// that reconciles the calls of such processes.
func payer(role string, db *sql.DB, st *sqlstore.Store, random *mathrand.Rand) error {
	private, public, _ := strings.Cut(os.Getenv("SHOP_SECRET"), "\n\n")
	c, err := openapi.New(openapi.Credentials{ClientID: os.Getenv("SHOP_KEY"), PrivateKey: private, KeyVersion: "1", PlatformPublicKeys: map[string]string{"1": public}},
		pay.WithBaseURL(os.Getenv("SHOP_URL")), pay.WithPendingStore(st), pay.WithObserver(results{db}))
	if err != nil {
		return err
	}
	if role == "reconciler" {
		return reconcile(db, st, c)
	}
	for i := 0; ; i++ {
		if i == 1 { // the first call connects
			time.AfterFunc(time.Duration(random.IntN(40_000))*time.Microsecond, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })
		}
		id := fmt.Sprintf("%s-%d", os.Getenv("SHOP_SEED"), i)
		ctx := context.WithValue(context.Background(), refundKey{}, id)
		_, err := c.RefundApply(ctx, openapi.RefundApplyRequest{PaymentID: os.Getenv("SHOP_PAYMENT"), RefundRequestID: id, RefundAmount: openapi.Amount{Currency: "EUR", Value: 1}})
		if err != nil {
			return err
		}
	}
}

type refundKey struct{}

// results writes down what the client knows, before it deletes the record of a call.
type results struct{ db *sql.DB }

func (results) StartCall(ctx context.Context, _ pay.Call) context.Context       { return ctx }
func (results) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }
func (results) EndCall(context.Context, pay.Call, pay.CallResult)               {}

func (r results) EndAttempt(ctx context.Context, _ pay.Attempt, res pay.AttemptResult) {
	if id, ok := ctx.Value(refundKey{}).(string); ok && res.Err == nil {
		_, _ = r.db.ExecContext(context.WithoutCancel(ctx), "INSERT INTO effects (effect) VALUES ($1)", "known "+id)
	}
}

// reconcile settles calls until none is due.
func reconcile(db *sql.DB, st *sqlstore.Store, c *openapi.Client) error {
	r := pay.Reconciler{
		Store: st, Clients: []pay.Inquirer{c},
		Settled: func(ctx context.Context, call pay.PendingCall, outcome apierr.Outcome) error {
			fmt.Println("callback " + call.IdempotencyKey)
			tx, _ := sqlstore.Tx(ctx)
			_, err := tx.ExecContext(ctx, "INSERT INTO effects (effect) VALUES ($1)", string(outcome)+" "+call.IdempotencyKey)
			return err
		},
		Unsettled: func(_ context.Context, call pay.PendingCall, reason error) error {
			return fmt.Errorf("call %s was left to a human: %w", call.ID, reason)
		},
	}
	return r.RunOnce(context.Background())
}
