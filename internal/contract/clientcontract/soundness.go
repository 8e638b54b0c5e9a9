package clientcontract

import (
	"errors"
	"fmt"
	"hash/fnv"
	rand "math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
)

// points are the places at which a call can be lost.
var faultPoints = []string{
	sandbox.FaultRefuse, sandbox.FaultResetBeforeRead, sandbox.FaultResetBeforeCommit, sandbox.FaultResetAfterCommit,
	sandbox.FaultResetInHeaders, sandbox.FaultResetInBody, sandbox.FaultResetAfterBody,
}

// seeds are the numbers that decide all chances of a row: count of them, fewer
// where each costs much, or the one to be replayed.
func seeds(t *testing.T, count int) []int {
	t.Helper()
	if text := os.Getenv("CONTRACT_SEED"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("CONTRACT_SEED is %q; want a number from 1 on", text)
		}
		return []int{n}
	}
	all := make([]int, count)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// R10 is outcome soundness: what a call says of its outcome is what the ledger
// says, wherever the connection was lost. It runs in fake time over pipes, where
// a seed is the same each time.
func outcomesAreSound(t *testing.T, s harness.Suite) {
	soundness(t, &s, seeds(t, sample.Count(200, 2)), (*trials).piped)
}

// X6 is R10 over sockets, where a reset may also overtake what was sent before
// it. Time is real there, so it has fewer seeds.
func outcomesAreSoundOnSockets(t *testing.T, s harness.Suite) {
	soundness(t, &s, seeds(t, sample.Count(5, 1)), (*trials).onSockets)
}

// tally counts what the calls of a row said.
type tally struct{ calls, lost, unknown, unsound atomic.Int64 }

func (y *tally) String() string {
	return fmt.Sprintf("%d calls, %d unsound, %d unknown of %d that lost an answer", y.calls.Load(), y.unsound.Load(), y.unknown.Load(), y.lost.Load())
}

func soundness(t *testing.T, s *harness.Suite, seeds []int, run func(*trials, *testing.T)) {
	var sum tally
	names, specs := s.Operations(t), specmodel.Operations(t, s.Spec)
	t.Run("of", func(t *testing.T) {
		for i, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for _, point := range faultPoints {
					t.Run(point, func(t *testing.T) {
						run(&trials{suite: s, index: i, name: name, safe: specs[name].Class == "safe", point: point, seeds: seeds, sum: &sum}, t)
					})
				}
			})
		}
	})
	t.Logf("%d operations x %d faults x %d seeds: %s", len(names), len(faultPoints), len(seeds), &sum)
}

// trials are the calls of one operation at one fault point.
type trials struct {
	suite       *harness.Suite
	index       int // of the operation among the calls
	name, point string
	safe        bool
	seeds       []int
	sum         *tally

	shop   harness.Shop
	net    *faulthttp.Lossy
	exact  bool     // a reset loses nothing that was sent before it
	settle func()   // lets connections that were reset leave the pool
	effect []string // what one call writes into the ledger
	random seededRandom
	made   map[[2]int][]harness.Call // by batch of seeds and number of attempts
}

// batch is how many seeds share clients: with two repetitions each they stay
// within the budget, so that no seed feels those before it.
const batch = 16

// call returns the operation of a client that makes so many attempts.
func (x *trials) call(t *testing.T, seed, attempts int) harness.Call {
	id := [2]int{seed / batch, attempts}
	if x.made[id] == nil {
		x.made[id] = x.shop.Calls(t, pay.WithTransport(x.net), pay.WithBaseURL(x.shop.URL), pay.WithMaxAttempts(attempts), pay.WithRandom(&x.random))
	}
	return x.made[id][x.index]
}

func (x *trials) piped(t *testing.T) {
	x.shop, x.exact = x.suite.Shop(t), true
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(x.shop.Close)
		x.net, x.settle = faulthttp.NewLossy(faulthttp.Pipe(t, x.shop.Handler())), synctest.Wait
		x.run(t)
	})
}

func (x *trials) onSockets(t *testing.T) {
	x.shop = x.suite.Shop(t)
	t.Cleanup(x.shop.Close)
	if x.shop.Calls(t)[x.index].Ages {
		return // in pipes only
	}
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	x.net, x.settle = faulthttp.NewLossy(base), base.CloseIdleConnections
	x.run(t)
}

func (x *trials) run(t *testing.T) {
	x.made, x.random.pauses = map[[2]int][]harness.Call{}, x.exact
	if x.undisturbed(t); t.Failed() {
		return
	}
	for _, seed := range x.seeds {
		if wrong := x.trial(t, seed); wrong != "" {
			x.sum.unsound.Add(1)
			t.Errorf("seed %d: %s\nreplay: CONTRACT_SEED=%d go test ./%s -run '^%s$'", seed, wrong, seed, x.suite.Provider, strings.ReplaceAll(t.Name(), "/", "$/^"))
		}
	}
}

// undisturbed makes the call once without a fault, to see what it does.
func (x *trials) undisturbed(t *testing.T) {
	x.random.chance = x.chance(0)
	do, err := x.call(t, 0, 1).Prepare(t.Context(), 1_000_000)
	if err != nil {
		t.Fatalf("%s cannot be prepared: %v", x.name, err)
	}
	before := len(x.shop.Ledger())
	if err := do(t.Context()); err != nil {
		t.Fatalf("%s without a fault: %v", x.name, err)
	}
	x.effect = kinds(x.shop.Ledger()[before:])
	if x.safe != (len(x.effect) == 0) {
		t.Fatalf("%s wrote %v into the ledger", x.name, x.effect)
	}
}

// trial makes one call that meets faults, and a keyed one a second time under
// its key. It returns what was unsound; "" is nothing.
func (x *trials) trial(t *testing.T, seed int) string {
	chance := x.chance(seed)
	attempts, plan := max(chance.IntN(4), 1), x.plan(chance)
	again := chance.IntN(8) == 0
	x.random.chance = chance
	do, err := x.call(t, seed, attempts).Prepare(t.Context(), seed)
	if err != nil {
		return fmt.Sprintf("cannot be prepared: %v", err)
	}
	before := len(x.shop.Ledger())
	x.net.Plan(plan)
	var m pay.Meta
	err = do(t.Context(), pay.WithMeta(&m))
	met := x.net.Plan(nil)
	x.settle()
	x.count(err, met)
	if wrong := x.compare(err, met, x.shop.Ledger()[before:]); wrong != "" {
		return fmt.Sprintf("%s, then %v: %s", strings.Join(met, ", "), err, wrong)
	}
	if m.IdempotencyKey == "" || !again {
		return ""
	}
	err = do(t.Context(), pay.WithIdempotencyKey(m.IdempotencyKey))
	if got := kinds(x.shop.Ledger()[before:]); err != nil || !slices.Equal(got, x.effect) {
		return fmt.Sprintf("%s, then a second call under the key: %v, and the ledger holds %v, want %v", strings.Join(met, ", "), err, got, x.effect)
	}
	return ""
}

// judge compares what a call said with what the ledger says.
func (x *trials) compare(err error, met []string, entries []sandbox.Entry) string {
	got := kinds(entries)
	if len(got) > 0 && !slices.Equal(got, x.effect) {
		return fmt.Sprintf("the ledger holds %v; one call writes %v", got, x.effect)
	}
	if err == nil {
		if len(got) != len(x.effect) {
			return "a success without an entry in the ledger"
		}
		return ""
	}
	var e *apierr.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("a %T is no *apierr.Error", err)
	}
	switch outcome := e.Outcome(); {
	case outcome == apierr.OutcomeNotApplied && len(got) > 0:
		return "not applied, but in the ledger"
	case outcome == apierr.OutcomeNotApplied:
		return ""
	case outcome != apierr.OutcomeUnknown:
		return fmt.Sprintf("an error whose outcome is %q", outcome)
	case x.safe:
		return "a read of unknown outcome"
	case !x.responseLost(met):
		return "unknown, although no answer was lost"
	}
	return ""
}

// doubtful reports whether an answer was lost, so that nobody outside can know.
func (x *trials) responseLost(met []string) bool {
	return slices.ContainsFunc(met, func(fault string) bool {
		fault, _, _ = strings.Cut(fault, "@")
		return fault != sandbox.FaultRefuse && (fault != sandbox.FaultResetAfterBody || !x.exact)
	})
}

func (x *trials) count(err error, met []string) {
	x.sum.calls.Add(1)
	if !x.safe && x.responseLost(met) {
		x.sum.lost.Add(1)
	}
	if errors.Is(err, apierr.ErrOutcomeUnknown) {
		x.sum.unknown.Add(1)
	}
}

// chance is the source of one seed's chances.
func (x *trials) chance(seed int) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(x.name + " " + x.point))
	return rand.New(rand.NewPCG(uint64(seed), h.Sum64()))
}

// plan draws what the next requests meet: the point, then perhaps others.
func (x *trials) plan(chance *rand.Rand) []string {
	plan, point := []string(nil), x.point
	for len(plan) == 0 || len(plan) < 4 && chance.IntN(3) == 0 {
		if point == sandbox.FaultResetInHeaders || point == sandbox.FaultResetInBody {
			point += "@" + strconv.Itoa(1+chance.IntN(2000))
		}
		plan = append(plan, point)
		point = faultPoints[chance.IntN(len(faultPoints))]
	}
	return plan
}

func kinds(entries []sandbox.Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Kind)
	}
	return all
}

// keysAndPauses draws the client's keys and pauses by chance. Where time is
// real, pauses are as short as they can be: a pause is drawn with eight bytes.
type seededRandom struct {
	chance *rand.Rand
	pauses bool
}

func (k *seededRandom) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(k.chance.Uint32())
		if !k.pauses && len(p) == 8 {
			p[i] = 0
		}
	}
	return len(p), nil
}
