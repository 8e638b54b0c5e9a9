package qpay

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// Lifetime of a token. QPay documents none of the margins; they are our choice.
const (
	expiryMargin = 30 * time.Second // a token is not used shortly before it expires
	renewalPoint = 85               // per cent of the lifetime after which a token is renewed in the background
	maxLifetime  = 24 * time.Hour   // what QPay issues; a longer lifetime is cut to it
	errorTTL     = time.Second      // how long callers share the error of a fetch
	renewalPause = 30 * time.Second // between attempts to renew a token that is still valid
	lockTTL      = 5 * time.Second  // of the token lock, where the store has one
	lockTimeout  = 6 * time.Second  // after which a token is fetched without the lock
)

// auth manages the token of one account. All callers share one fetch.
type auth struct {
	login, refresh func(context.Context, ...pay.CallOption) (*Token, error)
	now            func() time.Time
	store          pay.TokenStore
	logger         *slog.Logger
	storeKey       string // of the token in the store

	mu        sync.Mutex
	token     pay.Token
	revoked   string // the access token that was refused last
	fetching  *fetch // the fetch under way; nil if there is none
	closed    bool   // no renewal in the background any more
	err       error  // of the last fetch, until retryAt
	retryAt   time.Time
	nextRenew time.Time // no renewal in the background before this
}

// fetch is one fetch of a token that all callers wait for.
type fetch struct {
	done    chan struct{}
	token   pay.Token
	err     error
	cancel  context.CancelFunc
	awaited bool // by a call
}

// newAuth returns the auth of an account. The token operations have a client of
// their own, because they authenticate with the credentials instead of a token.
func newAuth(creds Credentials, cfg *transport.Config) *auth {
	c := &Client{transport: transport.New(cfg, transport.Profile{Catalog: &errorCatalog, Authorize: creds.authorize})}
	return &auth{
		login: c.createToken, refresh: c.refreshToken,
		now: cfg.Now, store: cfg.TokenStore, logger: cfg.Logger, storeKey: "qpay " + cfg.Host() + " " + creds.Username,
	}
}

// authorize adds the credentials to createToken. renew adds the refresh token to
// refreshToken.
func (c Credentials) authorize(_ context.Context, op *transport.Operation, req *http.Request, _ []byte) error {
	if op.Security == "basicAuth" {
		req.SetBasicAuth(c.Username, c.Password)
	}
	return nil
}

// authorize adds a token to a request.
func (a *auth) authorize(ctx context.Context, _ *transport.Operation, req *http.Request, _ []byte) error {
	t, err := a.get(ctx)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+t.Access)
	return nil
}

// recover discards a token that QPay refuses before it expires. That happens when
// another process logs in to the same account; only a new login helps.
func (a *auth) recover(_ context.Context, _ *transport.Operation, req *http.Request, e *apierr.Error) bool {
	if e.StatusCode != http.StatusUnauthorized {
		return false
	}
	if e.Known() && e.Code != ErrNoCredentials && e.Code != ErrAuthenticationFailed {
		return false // other codes come with 401 too, such as PERMISSION_DENIED
	}
	used := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token.Access == used {
		a.token, a.revoked = pay.Token{}, used
	}
	return true
}

// get returns a valid token. It waits for a fetch only if there is none, until
// ctx ends.
func (a *auth) get(ctx context.Context) (pay.Token, error) {
	a.mu.Lock()
	now := a.now()
	if valid(a.token, now) {
		defer a.mu.Unlock()
		if a.fetching == nil && !a.closed && now.After(renewal(a.token)) && now.After(a.nextRenew) {
			a.nextRenew = now.Add(renewalPause)
			a.start(ctx)
		}
		return a.token, nil
	}
	if a.err != nil && now.Before(a.retryAt) {
		defer a.mu.Unlock()
		return pay.Token{}, a.err
	}
	if a.fetching == nil {
		a.start(ctx)
	}
	f := a.fetching
	f.awaited = true
	a.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return pay.Token{}, ctx.Err()
	}
}

// start starts a fetch, which continues when the caller that started it gives up.
func (a *auth) start(ctx context.Context) {
	f, old, revoked := &fetch{done: make(chan struct{})}, a.token, a.revoked
	ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	a.fetching = f
	go func() {
		defer f.cancel()
		defer a.finish(f)
		defer transport.Recovered("fetching a token", &f.err)
		f.err = errors.New("the token request was ended by the observer, the logger or the token store")
		f.token, f.err = a.fetch(ctx, old, revoked)
	}()
}

// finish shares the result of a fetch.
func (a *auth) finish(f *fetch) {
	a.mu.Lock()
	defer a.mu.Unlock()
	defer close(f.done)
	if a.fetching != f {
		return // canceled
	}
	a.fetching, a.err = nil, f.err
	if f.err != nil {
		a.retryAt = a.now().Add(errorTTL)
		return
	}
	a.token = f.token
}

// close ends the renewal in the background, unless a call waits for it.
func (a *auth) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if f := a.fetching; f != nil && !f.awaited {
		f.cancel()
		a.fetching = nil
	}
}

// fetch returns the token of another process from the store, or renews the old
// one, or logs in. It holds the token lock meanwhile if the store has one.
func (a *auth) fetch(ctx context.Context, old pay.Token, revoked string) (pay.Token, error) {
	if a.store == nil {
		return a.renew(ctx, old)
	}
	t, found, err := a.load(ctx, old, revoked)
	if locker, ok := a.store.(pay.TokenLocker); ok && !found && err == nil {
		defer a.lock(ctx, locker)()
		t, found, _ = a.load(ctx, old, revoked) // the previous holder of the lock may have saved one
	}
	if found {
		return t, nil
	}
	t, err = a.renew(ctx, old)
	if err == nil {
		a.warn(ctx, "saving the token in the token store failed", a.save(ctx, t))
	}
	return t, err
}

// load looks for a token that another process saved.
func (a *auth) load(ctx context.Context, old pay.Token, revoked string) (t pay.Token, found bool, err error) {
	t, err = a.stored(ctx)
	a.warn(ctx, "loading the token from the token store failed", err)
	return t, err == nil && t.Access != old.Access && t.Access != revoked && valid(t, a.now()), err
}

func (a *auth) stored(ctx context.Context) (t pay.Token, err error) {
	defer transport.Recovered("the token store", &err)
	return a.store.Load(ctx, a.storeKey)
}

func (a *auth) save(ctx context.Context, t pay.Token) (err error) {
	defer transport.Recovered("the token store", &err)
	return a.store.Save(ctx, a.storeKey, t)
}

// lock waits for the token lock, with a limit: a process that ended while it held
// the lock must not block payments.
func (a *auth) lock(ctx context.Context, l pay.TokenLocker) (release func()) {
	locking, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	unlock, err := func() (release func(), err error) {
		defer transport.Recovered("the token store", &err)
		return l.LockToken(locking, a.storeKey, lockTTL)
	}()
	a.warn(ctx, "the token is fetched without the token lock", err)
	if err != nil || unlock == nil {
		return func() {}
	}
	return func() {
		err := func() (err error) {
			defer transport.Recovered("the token store", &err)
			unlock()
			return nil
		}()
		a.warn(ctx, "releasing the token lock failed", err)
	}
}

// renew uses the refresh token if it is valid, and logs in otherwise.
func (a *auth) renew(ctx context.Context, old pay.Token) (pay.Token, error) {
	var meta pay.Meta
	if old.Refresh != "" && a.now().Add(expiryMargin).Before(old.RefreshExpires) {
		t, err := a.refresh(ctx, pay.WithMeta(&meta), transport.WithAuthorization("Bearer "+old.Refresh))
		if err == nil || errors.Is(err, apierr.ErrUnavailable) || errors.Is(err, apierr.ErrRateLimited) {
			return a.accept(t, meta), err
		}
		// The refresh token was used or replaced: log in.
	}
	t, err := a.login(ctx, pay.WithMeta(&meta))
	return a.accept(t, meta), err
}

// accept returns the token of a response, with expiries by the local clock. Points
// in time are read relative to the server's clock, so that a wrong local clock
// neither uses an expired token nor fetches tokens all the time.
func (a *auth) accept(t *Token, meta pay.Meta) pay.Token {
	if t == nil {
		return pay.Token{}
	}
	now := a.now()
	server := now
	if d, err := http.ParseTime(meta.Header.Get("Date")); err == nil {
		server = d
	}
	return pay.Token{
		Access: t.AccessToken, Refresh: t.RefreshToken, Issued: now,
		Expires: now.Add(t.ExpiresIn.lifetime(server)), RefreshExpires: now.Add(t.RefreshExpiresIn.lifetime(server)),
	}
}

// valid reports whether t can be used at now.
func valid(t pay.Token, now time.Time) bool {
	return t.Access != "" && now.Add(expiryMargin).Before(t.Expires)
}

// renewal returns the time from which t is renewed in the background.
func renewal(t pay.Token) time.Time {
	return t.Issued.Add(t.Expires.Sub(t.Issued) * renewalPoint / 100)
}

func (a *auth) warn(ctx context.Context, msg string, err error) {
	if err != nil && a.logger != nil {
		a.logger.LogAttrs(ctx, slog.LevelWarn, msg, slog.String("provider", "qpay"), slog.Any("error", err))
	}
}
