package pay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Token is an access token with what is needed to renew it. Printed, logged or
// encoded, it is its expiry; a TokenStore reads the fields by name. The zero Token
// stands for no token.
type Token struct {
	Access         string    // secret
	Refresh        string    // secret; "" if the provider issued none
	Issued         time.Time // when the token was received
	Expires        time.Time // of Access
	RefreshExpires time.Time // of Refresh
}

func (t Token) text() string {
	return "pay.Token(expires " + t.Expires.UTC().Format(time.RFC3339) + ")"
}

// Format keeps the token out of the output of package fmt. The verbs %p and %w do
// not call it; go vet reports them.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.text()) }

// LogValue keeps the token out of logs.
func (t Token) LogValue() slog.Value {
	return slog.GroupValue(slog.Time("expires", t.Expires))
}

// MarshalText keeps the token out of JSON, XML, YAML and other encodings. A store
// writes the fields itself.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.text()), nil }

// GobEncode returns an error, because gob would write the fields as they are. A
// store writes the fields itself.
func (Token) GobEncode() ([]byte, error) {
	return nil, errors.New("pay.Token holds secrets and cannot be encoded with gob; a store writes its fields")
}

// TokenStore shares access tokens between processes. key names the provider and
// the account and holds no secret. An error or a panic is logged; the client then
// continues without the store. Methods must be safe for concurrent use.
type TokenStore interface {
	// Load returns the token stored under key, or the zero Token if there is none.
	Load(ctx context.Context, key string) (Token, error)
	// Save stores a token under key and replaces the one before it.
	Save(ctx context.Context, key string, t Token) error
}

// TokenLocker is an optional interface of a TokenStore. It matters where a login
// invalidates the tokens of other processes: with it, one process at a time
// fetches a token. The others wait for a few seconds, load the new token from the
// store, and fetch one themselves only if there is none.
type TokenLocker interface {
	// LockToken waits until it gets the lock of key or ctx ends. release unlocks
	// it; otherwise the lock ends after ttl. An error is logged, and the token is
	// fetched without the lock.
	LockToken(ctx context.Context, key string, ttl time.Duration) (release func(), err error)
}

// Claim is the result of EventStore.Claim.
type Claim int

// Results of EventStore.Claim.
const (
	ClaimGranted Claim = iota // handle the event, then call Commit or Release
	ClaimBusy                 // another owner has a claim
	ClaimDone                 // the event was handled before
)

// EventStore records which events of notifications were handled, so that a
// repeated delivery does not run user code twice. Package paytest tests an
// implementation. Methods must be safe for concurrent use.
//
// key is the same for every delivery of an event to handlers of one account with
// one name; see WithHandlerName. It is at most 255 bytes of visible ASCII without
// spaces, and holds no secret. owner is unique to one attempt to handle the event,
// so that an attempt whose claim has expired cannot end the claim of the next one.
type EventStore interface {
	// Claim asks for the right to handle an event. A claim ends after ttl unless
	// it is committed or released before. Its owner may claim again, which
	// restarts ttl.
	Claim(ctx context.Context, key, owner string, ttl time.Duration) (Claim, error)
	// Commit records an event as handled and keeps the record for ttl. While
	// another owner has a claim, it changes nothing and returns an error.
	Commit(ctx context.Context, key, owner string, ttl time.Duration) error
	// Release ends the claim of owner after a failure. It does not change the
	// claim of another owner or a handled event, and returns no error then.
	Release(ctx context.Context, key, owner string) error
}

// EventTransactor is an optional interface of an EventStore whose records are in the
// database of the application. The webhook handler then runs user code in a
// transaction with the record of the event, instead of calling Claim, Commit and
// Release: either both are stored, or neither is. Package paytest tests an
// implementation.
type EventTransactor interface {
	// HandleEvent begins a transaction, records an event as handled for ttl, calls
	// handle with a context that holds the transaction, and commits. It does not
	// wait for another transaction with the same event.
	//
	// It returns ClaimGranted after the commit. It returns ClaimDone if the event
	// was handled before, and ClaimBusy if it is being handled; handle is then not
	// called. If handle returns an error or panics, or ctx ends, the transaction is
	// rolled back. A returned error means that the event may be delivered again: it
	// is not recorded as handled, or the result of the commit is unknown and the
	// next call finds out. If the database rolls the transaction back because of
	// others, such as after a deadlock, handle may be called again.
	HandleEvent(ctx context.Context, key string, ttl time.Duration, handle func(context.Context) error) (Claim, error)
}
