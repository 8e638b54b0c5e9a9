// Package settings holds the records that the options of package pay fill in.
// They are internal so that an application sees the With functions only.
//
// Package pay imports this package, so the types of pay that a record holds are
// type parameters. Packages pay and internal/transport name the same
// instances.
package settings

import (
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Client holds the options of a client. A zero field means the default.
type Client[Observer, TokenStore, EventStore, PendingStore any] struct {
	BaseURL        string            // scheme, host and optional path prefix; "" = the provider's production server
	Transport      http.RoundTripper // nil = a transport made for one API host
	AttemptTimeout time.Duration     // of one attempt; 0 = 30 s
	TotalTimeout   time.Duration     // of a call with all its attempts and pauses; 0 = 60 s
	MaxAttempts    int               // 0 = 3; 1 = no retries
	Logger         *slog.Logger      // nil = no log
	Observer       Observer          // nil = none
	UserAgent      string            // appended to the module's own
	TokenStore     TokenStore        // nil = in memory
	EventStore     EventStore        // nil = in memory
	PendingStore   PendingStore      // nil = none
	Now            func() time.Time  // nil = time.Now
	Random         io.Reader         // nil = crypto/rand
	PlainHTTP      bool              // allow http:// on any host
	MaxResponseAge time.Duration     // of a signed response; 0 = no limit
}

// Call holds the options of one call.
type Call[Meta any] struct {
	IdempotencyKey string        // "" = generated where the operation has one
	Header         http.Header   // extra headers
	Timeout        time.Duration // of the whole call; 0 = the client's
	AttemptTimeout time.Duration // of one attempt; 0 = the client's
	Meta           *Meta         // filled in when the call ends; nil = not wanted
}

// Webhook holds the options of one webhook handler.
type Webhook struct {
	HandlerName string // in the event store; "" = "default"
}
