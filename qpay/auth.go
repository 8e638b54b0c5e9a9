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

// How a token ages. The margins are ours; QPay gives none.
const (
	lastUse    = 30 * time.Second // a token is not used in its last seconds
	refreshAt  = 85               // per cent of its life, then it is renewed in the background
	maxLife    = 24 * time.Hour   // what QPay issues; a longer promise is not believed
	failedFor  = time.Second      // callers share a failed fetch this long
	earlyPause = 30 * time.Second // between tries to renew a token that still serves
	turnFor    = 5 * time.Second  // of one process to fetch a token, where the store lets one at a time
	turnWait   = 6 * time.Second  // then a process fetches without its turn
)

// auth is the token of one account: any number of callers, one request.
type auth struct {
	login, refresh func(context.Context, ...pay.CallOption) (*Token, error)
	now            func() time.Time
	store          pay.TokenStore
	logger         *slog.Logger
	key            string // in the store

	mu      sync.Mutex
	token   pay.Token
	dropped string  // the access token that was refused last
	flight  *flight // the fetch under way
	err     error   // of the last fetch, until retry
	retry   time.Time
	early   time.Time // no early renewal before this
}

// flight is one fetch that everybody waits for.
type flight struct {
	done  chan struct{}
	token pay.Token
	err   error
}

// newAuth returns the token of an account. The two token operations are calls of
// a client of their own, because they take other credentials than the rest.
func newAuth(creds Credentials, cfg *transport.Config) *auth {
	c := &Client{transport: transport.New(cfg, transport.Profile{Envelope: &errorEnvelope, Authorize: creds.authorize})}
	return &auth{
		login: c.createToken, refresh: c.refreshToken,
		now: cfg.Now, store: cfg.TokenStore, logger: cfg.Logger, key: "qpay " + cfg.Host() + " " + creds.Username,
	}
}

// authorize adds the credentials to a login. A refresh carries the refresh token
// already.
func (c Credentials) authorize(_ context.Context, op *transport.Operation, req *http.Request, _ []byte) error {
	if op.Security == "basicAuth" {
		req.SetBasicAuth(c.Username, c.Password)
	}
	return nil
}

// authorize adds the token to a request.
func (a *auth) authorize(ctx context.Context, _ *transport.Operation, req *http.Request, _ []byte) error {
	t, err := a.get(ctx)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+t.Access)
	return nil
}

// recover drops a token that QPay refuses before its time, which happens when
// another process logs in to the same account. Only a fresh login cures that.
func (a *auth) recover(_ context.Context, _ *transport.Operation, req *http.Request, e *apierr.Error) bool {
	if e.StatusCode != http.StatusUnauthorized {
		return false
	}
	if e.Known() && e.Code != ErrNoCredentials && e.Code != ErrAuthenticationFailed {
		return false // a refusal of another kind: PERMISSION_DENIED comes with 401 too
	}
	used := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token.Access == used {
		a.token, a.dropped = pay.Token{}, used
	}
	return true
}

// get returns a usable token. It waits for a fetch only when there is none, and
// no longer than ctx allows.
func (a *auth) get(ctx context.Context) (pay.Token, error) {
	a.mu.Lock()
	now := a.now()
	if a.usable(a.token, now) {
		defer a.mu.Unlock()
		if a.flight == nil && now.After(renewal(a.token)) && now.After(a.early) {
			a.early = now.Add(earlyPause)
			a.start(ctx)
		}
		return a.token, nil
	}
	if a.err != nil && now.Before(a.retry) {
		defer a.mu.Unlock()
		return pay.Token{}, a.err
	}
	if a.flight == nil {
		a.start(ctx)
	}
	f := a.flight
	a.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return pay.Token{}, ctx.Err()
	}
}

// start begins a fetch that outlives the caller who needed it first.
func (a *auth) start(ctx context.Context) {
	f, old, dropped := &flight{done: make(chan struct{})}, a.token, a.dropped
	a.flight = f
	go func() {
		f.token, f.err = a.fetch(context.WithoutCancel(ctx), old, dropped)
		a.mu.Lock()
		defer a.mu.Unlock()
		defer close(f.done)
		a.flight, a.err = nil, f.err
		if f.err != nil {
			a.retry = a.now().Add(failedFor)
			return
		}
		a.token = f.token
	}()
}

// fetch takes another process's token, else renews the old one, else logs in:
// one process at a time, where the store can see to that.
func (a *auth) fetch(ctx context.Context, old pay.Token, dropped string) (pay.Token, error) {
	if a.store == nil {
		return a.renew(ctx, old)
	}
	t, found, err := a.stored(ctx, old, dropped)
	if locker, ok := a.store.(pay.TokenLocker); ok && !found && err == nil {
		defer a.turn(ctx, locker)()
		t, found, _ = a.stored(ctx, old, dropped) // who had the turn before may have left one
	}
	if found {
		return t, nil
	}
	t, err = a.renew(ctx, old)
	if err == nil {
		a.warn(ctx, "token store cannot be written", a.store.Save(ctx, a.key, t))
	}
	return t, err
}

// stored looks for a token that another process got.
func (a *auth) stored(ctx context.Context, old pay.Token, dropped string) (pay.Token, bool, error) {
	t, err := a.store.Load(ctx, a.key)
	a.warn(ctx, "token store cannot be read", err)
	return t, err == nil && t.Access != old.Access && t.Access != dropped && a.usable(t, a.now()), err
}

// turn waits for this process's turn, but never so long that payments hang on a
// process that died during its own.
func (a *auth) turn(ctx context.Context, l pay.TokenLocker) (end func()) {
	ctx, cancel := context.WithTimeout(ctx, turnWait)
	defer cancel()
	release, err := l.LockToken(ctx, a.key, turnFor)
	if err != nil {
		a.warn(ctx, "token is fetched without a turn", err)
		return func() {}
	}
	return release
}

func (a *auth) renew(ctx context.Context, old pay.Token) (pay.Token, error) {
	var meta pay.Meta
	if old.Refresh != "" && a.now().Add(lastUse).Before(old.RefreshExpires) {
		t, err := a.refresh(ctx, pay.WithMeta(&meta), transport.WithAuthorization("Bearer "+old.Refresh))
		if err == nil || errors.Is(err, apierr.ErrUnavailable) || errors.Is(err, apierr.ErrRateLimited) {
			return a.accept(t, meta), err
		}
		// The refresh token is spent or was replaced: log in.
	}
	t, err := a.login(ctx, pay.WithMeta(&meta))
	return a.accept(t, meta), err
}

// accept turns an answer into a token that ages by our own clock. Points in
// time are read against the server's clock, so that a wrong one here neither
// uses a dead token nor fetches new ones all the time.
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
		Expires: now.Add(t.ExpiresIn.life(server)), RefreshExpires: now.Add(t.RefreshExpiresIn.life(server)),
	}
}

func (a *auth) usable(t pay.Token, now time.Time) bool {
	return t.Access != "" && now.Add(lastUse).Before(t.Expires)
}

func renewal(t pay.Token) time.Time {
	return t.Issued.Add(t.Expires.Sub(t.Issued) * refreshAt / 100)
}

func (a *auth) warn(ctx context.Context, msg string, err error) {
	if err != nil && a.logger != nil {
		a.logger.LogAttrs(ctx, slog.LevelWarn, msg, slog.String("provider", "qpay"), slog.Any("error", err))
	}
}
