package webhookcontract

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

const (
	mixedSeed = 10
	batchSize = 50        // deliveries between two steps of the clock
	senders   = 8         // that deliver at the same time
	maxRounds = 50        // of deliveries again, until every genuine event is accepted
	consumers = 2         // handlers, as in two processes
	perEvent  = 5         // deliveries for each genuine event, on average
	lateBy    = time.Hour // if the provider documents no window
)

// mixedDeliveriesRunEachEventOnce runs Mixed with the event store in memory.
func mixedDeliveriesRunEachEventOnce(t *testing.T, s harness.Suite) {
	Mixed(t, s.Notifications, sample.Count(10_000, 250), func(now func() time.Time) pay.EventStore { return &webhook.Memory{Now: now} })
}

// Mixed makes deliveries, mixed from a seed, to two clients of one account that share
// an event store, several at the same time: genuine, duplicated, replayed, late and
// forged ones. User code fails or panics for some events. Afterward it delivers
// what was not accepted again, as providers do. Each genuine event must then have been
// handled once, and no forged one. newStore returns an empty store that uses a clock.
func Mixed(t *testing.T, n harness.Notifications, deliveries int, newStore func(now func() time.Time) pay.EventStore) {
	m := &mixed{T: t, n: n, events: make([]mixedEvent, max(deliveries/perEvent, 1)), random: rand.New(rand.NewPCG(mixedSeed, 0))}
	m.clock.Store(noon.UnixNano())
	store := newStore(m.now)
	for range consumers {
		m.handlers = append(m.handlers, n.NewHandler(t, m.handle, pay.WithEventStore(store), pay.WithClock(m.now)))
	}
	for i := range m.events {
		m.events[i].body = n.Body(fmt.Sprint("mixed-", i))
		m.events[i].fails = int32(max(m.random.IntN(6)-3, 0))
	}
	for made := 0; made < deliveries; made += batchSize {
		var batch []delivery
		for range min(batchSize, deliveries-made) {
			batch = append(batch, m.next())
		}
		m.deliver(batch)
		m.clock.Add(int64(m.pause()))
	}
	rounds := 0
	for again := m.missing(); len(again) > 0 && rounds < maxRounds; again = m.missing() {
		rounds++
		m.clock.Add(int64(time.Minute))
		m.deliver(again)
	}
	m.check(rounds)
}

// mixed is the state of one run. An event is known by its place in events; the context
// of a delivery says which event it is about.
type mixed struct {
	*testing.T
	n        harness.Notifications
	random   *rand.Rand
	clock    atomic.Int64
	handlers []http.Handler
	events   []mixedEvent
	sent     []delivery // genuine ones, to replay

	made, accepted [5]atomic.Int32 // deliveries, by kind
	forgedRuns     atomic.Int32
}

type mixedEvent struct {
	body           []byte
	fails          int32 // how often user code fails
	runs, handled  atomic.Int32
	running, known atomic.Bool // known: accepted
}

// delivery is one request to one of the handlers.
type delivery struct {
	kind, event int
	header      http.Header
	body        []byte
	to          int
}

// Kinds of deliveries.
const (
	genuine = iota
	duplicate
	replayed // the same bytes and headers once more
	late     // signed too long ago
	forged
)

var kindNames = [...]string{"genuine", "duplicated", "replayed", "late", "forged"}

type eventKey struct{}

// pause is short, or at times long enough to make notifications stale.
func (m *mixed) pause() time.Duration {
	if m.random.IntN(10) == 0 {
		return time.Duration(m.random.IntN(300)) * time.Second
	}
	return time.Duration(m.random.IntN(3)) * time.Second
}

func (m *mixed) now() time.Time { return time.Unix(0, m.clock.Load()) }

// next makes one delivery.
func (m *mixed) next() delivery {
	event, kind := m.random.IntN(len(m.events)), m.random.IntN(5)
	d := delivery{kind: kind, event: event, to: m.random.IntN(consumers)}
	if (kind == replayed || kind == duplicate) && len(m.sent) == 0 {
		d.kind = genuine
	}
	switch d.kind {
	case genuine:
		m.sign(&d, m.now(), m.events[event].body)
		m.sent = append(m.sent, d)
	case duplicate, replayed:
		first := m.sent[m.random.IntN(len(m.sent))]
		if d.event, d.header, d.body = first.event, first.header, first.body; d.kind == duplicate {
			m.sign(&d, m.now(), first.body)
		}
	case late:
		old := lateBy
		if m.n.Signing != nil && m.n.Signing.Oldest() > 0 {
			old = m.n.Signing.Oldest() + time.Second
		}
		m.sign(&d, m.now().Add(-old-time.Duration(m.random.IntN(3600))*time.Second), m.events[event].body)
	case forged:
		m.forge(&d)
	}
	return d
}

// sign makes a delivery genuine.
func (m *mixed) sign(d *delivery, at time.Time, body []byte) {
	m.Helper()
	r := m.n.RequestAt(m.T, at, body)
	d.header, d.body = r.Header, body
}

// forge makes a delivery of an event that does not exist, or of a genuine event that
// the provider did not sign.
func (m *mixed) forge(d *delivery) {
	m.Helper()
	d.body = m.n.Body(fmt.Sprint("forged-", m.random.IntN(1000)))
	sign := m.n.Signing
	if sign == nil {
		return
	}
	stamp, way := sign.Stamp(m.now()), m.random.IntN(4)
	if m.random.IntN(2) == 0 {
		d.body = m.events[d.event].body
	}
	switch way {
	case 0: // not signed
		d.header = http.Header{}
	case 1: // a secret of somebody else
		d.header = sign.Header(sign.Secrets[0], stamp, sign.Sign(m.T, sign.Secrets[1], stamp, d.body))
	case 2: // the signature of another notification
		d.header = sign.SignedHeader(m.T, stamp, m.n.Body(fmt.Sprint("other-", m.random.IntN(1000))))
	case 3: // the signature of another time
		d.header = sign.Header(sign.Secrets[0], stamp, sign.Sign(m.T, sign.Secrets[0], sign.Stamp(m.now().Add(-time.Minute)), d.body))
	}
}

// missing returns a genuine delivery for each event that was not accepted.
func (m *mixed) missing() (all []delivery) {
	for i := range m.events {
		if e := &m.events[i]; !e.known.Load() {
			d := delivery{kind: genuine, event: i, to: m.random.IntN(consumers)}
			m.sign(&d, m.now().Add(time.Minute), e.body) // as late as it is delivered
			all = append(all, d)
		}
	}
	return all
}

// deliver makes deliveries, several at the same time.
func (m *mixed) deliver(all []delivery) {
	todo := make(chan delivery)
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for d := range todo {
				m.send(d)
			}
		})
	}
	for _, d := range all {
		todo <- d
	}
	close(todo)
	wg.Wait()
}

func (m *mixed) send(d delivery) {
	r := m.n.Unsigned(m.T, d.body)
	r.Header = d.header.Clone()
	r = r.WithContext(context.WithValue(r.Context(), eventKey{}, d))
	got := harness.ReplyOf(m.handlers[d.to], r)
	if m.made[d.kind].Add(1); got == m.n.Accepted {
		m.accepted[d.kind].Add(1)
		if d.kind != forged {
			m.events[d.event].known.Store(true)
		}
	}
}

// handle is user code. It fails some times for some events, and panics then at times.
func (m *mixed) handle(ctx context.Context) error {
	d := ctx.Value(eventKey{}).(delivery)
	if d.kind == forged {
		m.forgedRuns.Add(1)
		return nil
	}
	e := &m.events[d.event]
	if e.running.Swap(true) {
		m.Errorf("event %d is handled twice at the same time", d.event)
	}
	defer e.running.Store(false)
	switch run := e.runs.Add(1); {
	case run <= e.fails && d.event%2 == 0:
		return errors.New("the database is down")
	case run <= e.fails:
		panic("a bug in the handler")
	}
	e.handled.Add(1)
	return nil
}

// check reports what went wrong, and the totals.
func (m *mixed) check(rounds int) {
	m.Helper()
	once := 0
	for i := range m.events {
		e := &m.events[i]
		if n := e.handled.Load(); n != 1 || !e.known.Load() {
			m.Errorf("event %d: handled %d times, accepted %v; want once", i, n, e.known.Load())
			continue
		}
		once++
	}
	all, text := int32(0), ""
	for kind, name := range kindNames {
		all += m.made[kind].Load()
		text += fmt.Sprintf(", %d %s (%d accepted)", m.made[kind].Load(), name, m.accepted[kind].Load())
	}
	if n := m.forgedRuns.Load(); n != 0 {
		m.Errorf("forged deliveries: user code ran %d times, want 0", n)
	}
	if n := m.accepted[forged].Load(); n != 0 {
		m.Errorf("forged deliveries: %d accepted, want 0", n)
	}
	m.Logf("%d deliveries%s; %d of %d events handled exactly once, after %d rounds of later deliveries; forged ones ran %d times",
		all, text, once, len(m.events), rounds, m.forgedRuns.Load())
}
