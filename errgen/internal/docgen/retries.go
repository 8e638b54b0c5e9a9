package docgen

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/internal/model"
)

// perOperation stands for the advice of an operation whose outcome is unknown.
const perOperation apierr.Advice = "see operations"

// Retries returns the page about retries as GitHub-flavored Markdown. source is the name of the config in the note that the
// file is generated. Operations with an excluded tag are omitted, because the client does not have them.
func Retries(source string, parts []Part, excludedTags []string) []byte {
	m := &markdown{}
	m.line("%s", strings.TrimSuffix(marker(source), "\n"))
	m.line("%s", retriesIntro)
	bare := &retrySpec{}
	m.retryHead("Status", retryClasses())
	for _, status := range retryStatuses() {
		m.line("| %d | %s |", status, bare.cells(status, nil, "", retryClasses()))
	}
	for _, part := range parts {
		m.retrySection(newRetrySpec(part, excludedTags))
	}
	return m.Bytes()
}

const retriesIntro = `# Retry behavior

This page describes how the clients handle failed calls: how often they send a request, and which outcome, category and advice the error reports. The
contract tests check every client against these tables.

- The **retry class** of an operation states what a retry may do. A **safe** operation only reads, and is retried freely. The provider deduplicates a
  **keyed** operation by its idempotency key, so a retry sends the same bytes under the same idempotency key. A retry of a **keyless** operation may
  apply it twice, so it is retried only when the request was certainly not sent.
- A call makes at most 3 attempts (` + "`pay.WithMaxAttempts`" + `). It takes at most 60 s in total (` + "`pay.WithTotalTimeout`, `pay.WithCallTimeout`" + `) and 30 s per
  attempt (` + "`pay.WithAttemptTimeout`, `pay.WithCallAttemptTimeout`" + `). An attempt that does not fit into the remaining time is not started.
- The delay before the first retry is a random duration of up to 200 ms. The limit doubles with each retry, up to 10 s. After a 429 the delay is between
  half of the limit and the limit, which starts at 1 s.
- **Retry-After** replaces that delay exactly. It may be a number of seconds, also with a fraction, or any of the three HTTP date formats, which is
  compared with the Date header of the response. If it exceeds 30 s or the remaining time, the call fails immediately, and the error's ` + "`RetryAfter`" + `
  returns the requested delay. It never causes a retry that would not happen without it. A value that is 0, negative, in the past or
  unreadable is ignored.
- Each client has a retry budget: 35 consecutive retries, or 100 after a 429. Each successful attempt restores a part of it.
- **No response** (connection lost, attempt timed out): safe and keyed operations are retried as after a 503. If the connection was refused or the host
  was not found, nothing was sent, and every class is retried. An invalid certificate is not retried.
- Once an attempt may have taken effect, a later error response leaves the outcome unknown, because the refusal may follow from that effect. If a retry
  would be refused again, the advice is then inquire, or the advice of the operation. A refusal because of the request itself (declined,
  invalid_request, not_found) means that no attempt was applied only if the provider documents that it returns its stored response to an idempotency
  key before any other check (` + "`replays: stored`" + ` in the spec).
- If the provider signs its responses, the tables are about responses with a valid signature. Another response, such as that of a firewall, leaves the
  outcome of a write unknown, whatever its status. It is retried by its status.

Each cell lists attempts, outcome, category and advice. The outcome is what is known about the effect at the provider. If it is *unknown*, money may have
moved.

## Responses without a known code

An HTML page, an empty body, a body that was cut before its code, or a code that is not in the catalog: the status alone decides, in the same way for all providers.
`

// retrySpec is what the page needs of one spec.
type retrySpec struct {
	name       string
	spec       *model.Spec
	codes      []*model.Code // of the first catalog, failures only, sorted
	operations []retryOperation
	failedWord string // the word with which a body states that a call failed; "" = it states no outcome
	outcomes   []string
}

// newRetrySpec omits codes that are not failures, and the code for unknown errors, which is less specific than the status.
func newRetrySpec(part Part, excludedTags []string) *retrySpec {
	s := &retrySpec{name: strings.TrimSuffix(path.Base(part.Label), path.Ext(part.Label)), spec: part.Spec}
	if len(part.Spec.Catalogs) > 0 {
		for _, c := range part.Spec.Catalogs[0].Codes {
			switch outcome := apierr.Outcome(c.Outcome.Value); {
			case outcome == apierr.OutcomeApplied, outcome == apierr.OutcomePending, apierr.Category(c.Category.Value) == apierr.ErrUnknown:
			default:
				s.codes = append(s.codes, c)
			}
		}
	}
	slices.SortFunc(s.codes, func(a, b *model.Code) int { return strings.Compare(a.Value, b.Value) })
	for _, op := range part.Spec.Operations {
		if !slices.ContainsFunc(op.Tags, func(tag string) bool { return slices.Contains(excludedTags, tag) }) {
			s.operations = append(s.operations, newRetryOperation(op))
		}
	}
	slices.SortFunc(s.operations, func(a, b retryOperation) int { return strings.Compare(a.ID, b.ID) })
	for _, e := range part.Spec.Envelopes {
		if e.Outcome != nil && s.outcomes == nil {
			s.failedWord = e.Outcome.Word(string(apierr.OutcomeNotApplied))
			for _, word := range e.Outcome.Map {
				s.outcomes = append(s.outcomes, fmt.Sprintf("%s for %s", code(word.Key.Value), word.Text.Value))
			}
		}
	}
	return s
}

// classes returns the retry classes that the operations have.
func (s *retrySpec) classes() []string {
	return slices.DeleteFunc(retryClasses(), func(class string) bool {
		return !slices.ContainsFunc(s.operations, func(o retryOperation) bool { return o.Class == class })
	})
}

// renewedOn returns the codes of a 401 after which the operations of a class log in; "" is any class.
func (s *retrySpec) renewedOn(class string) []string {
	for _, o := range s.operations {
		if len(o.RenewedOn) > 0 && (class == "" || o.Class == class) {
			return o.RenewedOn
		}
	}
	return nil
}

// cells returns the cells of a response, one for each class.
func (s *retrySpec) cells(status int, code *model.Code, stated apierr.Outcome, classes []string) string {
	var all []string
	for _, class := range classes {
		c := newRetryCell(retryOperation{Class: class, UnknownAdvice: perOperation, RenewedOn: s.renewedOn(class)}, status, code, stated)
		all = append(all, fmt.Sprintf("%d, %s, %s, %s", c.Attempts, c.Outcome, string(c.Category), c.Advice))
	}
	return strings.Join(all, " | ")
}

func (m *markdown) retrySection(s *retrySpec) {
	m.line("\n## %s\n", escape(model.Text{Value: s.name}.Line()))
	classes := s.classes()
	if len(classes) == 0 {
		m.line("The spec declares no operations.")
		return
	}
	if codes := s.renewedOn(""); len(codes) > 0 {
		words := make([]string, len(codes))
		for i, c := range codes {
			words[i] = code(c)
		}
		m.line("After a 401 with %s, or without a known code, the client logs in and makes one more attempt.\n", strings.Join(words, " or "))
	}
	if s.outcomes != nil {
		m.line("The response body states the outcome: %s. For a code that is not in the catalog, the stated outcome applies at every HTTP status.\n", strings.Join(s.outcomes, ", "))
	}
	m.retryHead("Status | Code", classes)
	for _, status := range retryStatuses() {
		m.retryStatus(s, status, classes)
	}
	var others []*model.Code
	for _, c := range s.codes {
		if !slices.ContainsFunc(retryStatuses(), c.HasStatus) {
			others = append(others, c)
		}
	}
	m.retryCodes(s, "below 500, except 408", 400, others, classes)
	m.retryCodes(s, "408, 500 and above", 500, others, classes)
	m.line("\n| Operation | Retry class | Advice when the outcome is unknown |\n|---|---|---|")
	for _, o := range s.operations {
		if o.Class != "safe" {
			m.line("| %s | %s | %s |", escape(o.ID), o.Class, o.unknownAdvice())
		}
	}
}

// retryStatus writes the lines of one status: first those of responses without a known code that differ from the table
// that all providers share.
func (m *markdown) retryStatus(s *retrySpec, status int, classes []string) {
	shared := (&retrySpec{}).cells(status, nil, "", classes)
	if cells := s.cells(status, nil, "", classes); cells != shared {
		m.line("| %d | no known code | %s |", status, cells)
	}
	if s.failedWord != "" {
		if cells := s.cells(status, nil, apierr.OutcomeNotApplied, classes); cells != shared {
			m.line("| %d | not in the catalog, with %s | %s |", status, cell(s.failedWord), cells)
		}
	}
	var codes []*model.Code
	for _, c := range s.codes {
		if c.HasStatus(status) {
			codes = append(codes, c)
		}
	}
	m.retryCodes(s, fmt.Sprint(status), status, codes, classes)
}

// retryCodes writes one line for all codes with equal cells.
func (m *markdown) retryCodes(s *retrySpec, label string, status int, codes []*model.Code, classes []string) {
	var order []string
	names := map[string][]string{}
	for _, c := range codes {
		name, stated := cell(c.Value), statedOutcome(s.spec, c)
		if stated == "" && s.failedWord != "" { // the catalog does not say what the body states beside this code
			name, stated = name+" with "+cell(s.failedWord), apierr.OutcomeNotApplied
		}
		cells := s.cells(status, c, stated, classes)
		if names[cells] == nil {
			order = append(order, cells)
		}
		names[cells] = append(names[cells], name)
	}
	for _, cells := range order {
		m.line("| %s | %s | %s |", label, strings.Join(names[cells], ", "), cells)
	}
}

func (m *markdown) retryHead(first string, classes []string) {
	m.line("| %s | %s |\n|%s", first, strings.Join(classes, " | "), strings.Repeat("---|", len(classes)+1+strings.Count(first, "|")))
}
