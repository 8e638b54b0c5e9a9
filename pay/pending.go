package pay

import (
	"context"
	"errors"
	"time"

	"github.com/specpay/specpay/apierr"
)

// PendingCall is the record of a call that may have moved money and whose outcome is
// not known yet; see WithPendingStore. It holds no secret and no personal data.
type PendingCall struct {
	ID             string            // unique to the call
	Provider       string            // "openapi"
	Account        string            // identifies the account at the provider; not a secret
	Operation      string            // operation ID of the spec: "refundApply"
	IdempotencyKey string            // "" if the operation has none
	Request        map[string]string // IDs, amount and currency of the request, by their place: "/paymentRequestId"
	Began          time.Time         // by the clock of the client
	Inquiries      int               // how often the record was taken, including this time
}

// PendingStore keeps the records of calls that may have moved money, until their
// outcome is known. The client records a call before it sends the first byte; a
// Reconciler settles the records that remain. Package paytest tests an
// implementation. Methods must be safe for concurrent use. A panic in Begin, Clear or
// Postpone during a call is like an error.
type PendingStore interface {
	// Begin stores the record of a call and returns when it is durable, so that a
	// process that ends at any later time leaves it. Take does not return it before
	// wait has passed.
	Begin(ctx context.Context, call PendingCall, wait time.Duration) error
	// Clear deletes a record because the outcome of its call is known. It returns
	// no error if there is no such record.
	Clear(ctx context.Context, id string) error
	// Take leases the record that has been due longest: it adds 1 to Inquiries and
	// makes the record due again after the lease. Concurrent calls in any number of
	// processes return different records. ok is false if no record is due.
	Take(ctx context.Context, lease time.Duration) (call PendingCall, ok bool, err error)
	// Postpone makes a record due after wait. It changes nothing if Inquiries of the
	// record is not that of call, because another process has taken it since.
	Postpone(ctx context.Context, call PendingCall, wait time.Duration) error
	// Settle runs handle and deletes the record. If handle fails, the record stays
	// and Settle returns the error. If another process has taken or deleted the
	// record since call was taken, handle does not run, and there is no error. A
	// store with transactions runs handle in the one that deletes the record.
	Settle(ctx context.Context, call PendingCall, handle func(context.Context) error) error
}

// Inquirer asks a provider for the outcome of a call. Every client implements it.
type Inquirer interface {
	// Inquire makes one call that reads the state. The outcome is applied or not
	// applied only if the response proves it. It is pending if the provider has not
	// finished, or if the state does not prove either, and unknown with an error.
	// The error is ErrOtherAccount or ErrNotInquirable, or that of the call.
	Inquire(ctx context.Context, call PendingCall) (apierr.Outcome, error)
}

// Errors of an Inquirer.
var (
	// ErrOtherAccount reports that the call was made with another provider or
	// account than those of the client. Nothing was sent.
	ErrOtherAccount = errors.New("the call was made with another provider or account")
	// ErrNotInquirable reports that asking does not help: the provider has no
	// operation that reads the state, or its response does not fit the call.
	ErrNotInquirable = errors.New("the outcome cannot be read from the provider")
)
