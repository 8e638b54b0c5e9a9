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

// faultPoints are the points at which a call can fail.
var faultPoints = []string{
	sandbox.FaultRefuse, sandbox.FaultResetBeforeRead, sandbox.FaultResetBeforeCommit, sandbox.FaultResetAfterCommit,
	sandbox.FaultResetInHeaders, sandbox.FaultResetInBody, sandbox.FaultResetAfterBody,
}

// seeds returns the seeds of the random choices of a test: 1 to count, or the one in
// CONTRACT_SEED, which replays a failure.
func seeds(t *testing.T, count int) []int {
	t.Helper()
	if text := os.Getenv("CONTRACT_SEED"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("CONTRACT_SEED is %q, want a positive number", text)
		}
		return []int{n}
	}
	all := make([]int, count)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// outcomesAreSound compares the outcome that a call reports with the ledger of the
// sandbox, wherever the connection was lost. It runs in fake time over pipes, where a
// seed always has the same result.
func outcomesAreSound(t *testing.T, s harness.Suite) {
	soundness(t, &s, seeds(t, sample.Count(200, 2)), (*trials).piped)
}

// outcomesAreSoundOnSockets is outcomesAreSound over sockets, where a reset can
// overtake data that was sent before it. It has fewer seeds because time is real.
func outcomesAreSoundOnSockets(t *testing.T, s harness.Suite) {
	soundness(t, &s, seeds(t, sample.Count(5, 1)), (*trials).onSockets)
}

// tally counts the outcomes of the calls.
type tally struct{ calls, lost, unknown, unsound atomic.Int64 }

func (y *tally) String() string {
	return fmt.Sprintf("%d calls, %d unsound, %d unknown of %d whose response was lost", y.calls.Load(), y.unsound.Load(), y.unknown.Load(), y.lost.Load())
}

func soundness(t *testing.T, s *harness.Suite, seeds []int, run func(*trials, *testing.T)) {
	var sum tally
	names, specs := s.Operations(t), specmodel.Operations(t, s.Spec)
	t.Run("operation", func(t *testing.T) {
		for i, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var undisturbed effect
				for _, point := range faultPoints {
					t.Run(point, func(t *testing.T) {
						run(&trials{suite: s, index: i, name: name, safe: specs[name].Class == "safe", point: point, seeds: seeds, sum: &sum, effect: &undisturbed}, t)
					})
				}
			})
		}
	})
	t.Logf("%d operations x %d faults x %d seeds: %s", len(names), len(faultPoints), len(seeds), &sum)
}

// effect is what one call of an operation does: the kinds of its ledger entries.
type effect struct {
	known bool
	kinds []string
}

// trials are the calls of one operation at one fault point.
type trials struct {
	suite       *harness.Suite
	index       int // of the operation in Shop.Calls
	name, point string
	safe        bool
	seeds       []int
	sum         *tally
	effect      *effect // all fault points share it

	shop   harness.Shop
	net    *faulthttp.Lossy
	exact  bool   // a reset loses no data that was sent before it
	settle func() // waits until reset connections have left the pool
	random seededRandom
	made   map[[2]int][]harness.Call // clients by batch of seeds and number of attempts
}

// batch is the number of seeds that share a client. With two retries each they stay
// within the retry budget, so that no seed depends on the ones before it.
const batch = 16

// call returns the operation of a client that makes at most so many attempts.
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
		return // needs fake time
	}
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	x.net, x.settle = faulthttp.NewLossy(base), base.CloseIdleConnections
	x.run(t)
}

func (x *trials) run(t *testing.T) {
	x.made, x.random.pauses = map[[2]int][]harness.Call{}, x.exact
	if !x.effect.known {
		if x.undisturbed(t); t.Failed() {
			return
		}
	}
	for _, seed := range x.seeds {
		if wrong := x.trial(t, seed); wrong != "" {
			x.sum.unsound.Add(1)
			t.Errorf("operation %s, input %s, seed %d: %s\nreplay: CONTRACT_SEED=%d go test ./%s -run '^%s$'", x.name, x.point, seed, wrong, seed, x.suite.Provider, strings.ReplaceAll(t.Name(), "/", "$/^"))
		}
	}
	if n := x.shop.Dropped()["ledger"]; n > 0 {
		t.Errorf("operation %s: the ledger dropped %d entries, so the trials prove nothing", x.name, n)
	}
}

// undisturbed makes the call once without a fault and records its effect.
func (x *trials) undisturbed(t *testing.T) {
	x.random.chance = x.chance(0)
	do, err := x.call(t, 0, 1).Prepare(t.Context(), 1_000_000)
	if err != nil {
		t.Fatalf("operation %s cannot be prepared: %v", x.name, err)
	}
	before := len(x.shop.Ledger())
	if err := do(t.Context()); err != nil {
		t.Fatalf("operation %s without a fault: got %s, want success", x.name, harness.ShortError(err))
	}
	got := kinds(x.shop.Ledger()[before:])
	if x.safe != (len(got) == 0) {
		t.Fatalf("operation %s without a fault: ledger entries %v, want some exactly for a write", x.name, got)
	}
	*x.effect = effect{known: true, kinds: got}
}

// trial makes one call with faults, and sometimes a keyed one a second time with its
// key. It returns what was unsound; "" if nothing was.
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
	if got := kinds(x.shop.Ledger()[before:]); err != nil || !slices.Equal(got, x.effect.kinds) {
		return fmt.Sprintf("%s, then a second call with the same key: got %v and the ledger entries %v, want %v", strings.Join(met, ", "), err, got, x.effect.kinds)
	}
	return ""
}

// compare compares what a call reported with the ledger.
func (x *trials) compare(err error, met []string, entries []sandbox.Entry) string {
	got := kinds(entries)
	if len(got) > 0 && !slices.Equal(got, x.effect.kinds) {
		return fmt.Sprintf("the ledger has %v, want %v for one call", got, x.effect.kinds)
	}
	if err == nil {
		if len(got) != len(x.effect.kinds) {
			return "success without a ledger entry"
		}
		return ""
	}
	var e *apierr.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("got a %T, want a *apierr.Error", err)
	}
	switch outcome := e.Outcome(); {
	case outcome == apierr.OutcomeNotApplied && len(got) > 0:
		return "not applied, but the ledger has an entry"
	case outcome == apierr.OutcomeNotApplied:
		return ""
	case outcome != apierr.OutcomeUnknown:
		return fmt.Sprintf("outcome is %q, want failed or unknown", outcome)
	case x.safe:
		return "a read has an unknown outcome"
	case !x.responseLost(met):
		return "outcome is unknown although no response was lost"
	}
	return ""
}

// responseLost reports whether a fault can have lost a response.
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

// chance returns the random source of a seed.
func (x *trials) chance(seed int) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(x.name + " " + x.point))
	return rand.New(rand.NewPCG(uint64(seed), h.Sum64()))
}

// plan chooses the faults of the next requests: the point, then perhaps others.
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

// seededRandom is the randomness of the client's keys and pauses. Without pauses,
// reads of eight bytes, which decide a pause, are zero.
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
