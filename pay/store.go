package pay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Token is an access token with what is needed to renew it. It prints as its
// expiry only; a TokenStore reads the fields.
type Token struct {
	Access         string
	Refresh        string    // "" when the provider gave none
	Issued         time.Time // when the answer came
	Expires        time.Time
	RefreshExpires time.Time
}

// Format keeps the token out of every fmt verb that asks a value how it prints; %p
// and %w do not, and go vet refuses them.
func (t Token) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "pay.Token(expires "+t.Expires.UTC().Format(time.RFC3339)+")")
}

// LogValue keeps the token out of logs.
func (t Token) LogValue() slog.Value {
	return slog.GroupValue(slog.Time("expires", t.Expires))
}

// MarshalJSON keeps the token out of JSON; a store writes the fields itself.
func (t Token) MarshalJSON() ([]byte, error) {
	return []byte(`{"expires":"` + t.Expires.UTC().Format(time.RFC3339) + `"}`), nil
}

// GobEncode fails: gob would write the fields as they are. A store writes them
// itself.
func (Token) GobEncode() ([]byte, error) {
	return nil, errors.New("pay: a Token is not for gob; a store writes its fields")
}

// TokenStore keeps access tokens where several processes find them. key names
// provider and account and holds no secret. Errors are logged and otherwise
// ignored: the client then fetches a token for itself.
type TokenStore interface {
	// Load returns the zero Token when there is none.
	Load(ctx context.Context, key string) (Token, error)
	Save(ctx context.Context, key string, t Token) error
}

// TokenLocker is what a TokenStore can be as well. Where a login ends the tokens
// of other processes, it lets one process at a time fetch a token; the others
// wait for a few seconds, find the new token in the store, and fetch one
// themselves only when there is none.
type TokenLocker interface {
	// LockToken waits until nobody else has the lock of key, and no longer than
	// ctx allows. release gives it back; without that it ends by itself after
	// ttl. Errors are logged and otherwise ignored, like those of a TokenStore.
	LockToken(ctx context.Context, key string, ttl time.Duration) (release func(), err error)
}

// Claim is a store's answer to "may I handle this event?".
type Claim int

// The answers of EventStore.Claim.
const (
	ClaimGranted Claim = iota // handle it, then Commit or Release
	ClaimBusy                 // somebody else is at it
	ClaimDone                 // it was handled before
)

// EventStore remembers which webhook events were handled, so that a repeated
// delivery does not run user code twice. Methods must be safe for concurrent
// use. Package paytest holds the tests that a store must pass.
//
// owner names one attempt to handle an event, and no two attempts share a name.
// It keeps an attempt whose claim ran out from ending the claim of the next one.
type EventStore interface {
	// Claim asks for an event. A claim that is neither committed nor released
	// ends by itself after ttl. Its owner may ask again, which starts ttl anew.
	Claim(ctx context.Context, key, owner string, ttl time.Duration) (Claim, error)
	// Commit marks the event as handled and keeps that for ttl. It is an error,
	// and changes nothing, while another owner has a claim.
	Commit(ctx context.Context, key, owner string, ttl time.Duration) error
	// Release gives owner's claim back after a failure. It leaves another
	// owner's claim and a handled event as they are, without an error.
	Release(ctx context.Context, key, owner string) error
}
