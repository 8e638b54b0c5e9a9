package retries

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specpay/specpay/apierr"
)

// seeBelow stands for the advice that each operation gives for itself.
const seeBelow apierr.Advice = "see the operation"

// Page is docs/retries.md: the table of each provider, with words around it.
func Page(specs []*Spec) []byte {
	var b strings.Builder
	b.WriteString(intro)
	bare := &Spec{}
	head(&b, "Status", Classes())
	for _, status := range Statuses() {
		line(&b, bare, fmt.Sprint(status), status, nil, Classes())
	}
	for _, s := range specs {
		s.section(&b)
	}
	return []byte(b.String())
}

const intro = `<!-- Code generated from specs/*.yaml by "make generate"; DO NOT EDIT. -->

# Retries and outcomes

What a client does by itself with an answer that is not the one hoped for, and what its error then says. The row TestR1_RetryMatrix of every provider
drives the client through this table.

- **safe**: a read; it is repeated freely. **keyed**: the provider drops a repetition under the same idempotency key; it is repeated with the same bytes
  under the same key. **keyless**: a repetition may act twice; it is sent once, and again only with proof that nothing had left.
- A call is sent 3 times at most (` + "`pay.WithMaxAttempts`" + `), within 60 s in all (` + "`pay.WithTotalTimeout`, `pay.WithCallTimeout`" + `), 30 s an attempt
  (` + "`pay.WithAttemptTimeout`, `pay.WithCallAttemptTimeout`" + `). An attempt that cannot fit any more is not begun.
- The pause before attempt n + 1 is drawn from 0 to 200 ms, doubled each time, 10 s at most; after a 429 from half of 1 s to 1 s, doubled each time.
- **Retry-After** (seconds, a fraction of them, or any of the three HTTP dates, judged by the answer's own Date) replaces the pause to the second. Above
  30 s, or beyond the deadline, the call ends at once and ` + "`RetryAfter`" + ` of its error says how long the provider wants to be left alone. It never makes a
  call repeated that would not be. 0, a negative number, a date in the past and anything unreadable count as none.
- Repetitions of one client have a budget: 35 in a row, 100 after a 429; each successful attempt gives a little back.
- **No answer** (connection lost, attempt timed out) counts as 503 for safe and keyed calls. A connection that was refused, or a host that was not found, is
  tried again for every class, because nothing had left. A bad certificate is not.
- Once an attempt may have taken effect, a later refusal does not take that back, unless it is a verdict about the request itself (declined,
  invalid_request, not_found): the outcome stays unknown.

Each cell is: attempts, outcome, class, advice. The outcome is what is known about the effect on the provider's side; *unknown* means that money may have moved.

## Answers without a known code

An HTML page, an empty or truncated body, a code that the catalog does not have: the status decides, for all providers alike.

`

func (s *Spec) section(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n", s.Name)
	var classes []string
	for _, class := range Classes() {
		if s.Has(class) {
			classes = append(classes, class)
		}
	}
	if codes := s.renews(""); len(codes) > 0 {
		fmt.Fprintf(b, "A 401 with %s, or without a known code, is answered by one login and one more attempt.\n\n", strings.Join(codes, " or "))
	}
	if s.Tells {
		b.WriteString("The body tells by a word of its own how the call went. An F that nobody knows has failed, a U is unknown, whatever the status.\n\n")
	}
	head(b, "Status | Code", classes)
	for _, status := range Statuses() {
		s.grouped(b, fmt.Sprint(status), status, s.At(status), classes)
	}
	var others []*Code
	for i := range s.Codes {
		if !slices.ContainsFunc(Statuses(), func(n int) bool { return slices.Contains(s.Codes[i].Statuses, n) }) {
			others = append(others, &s.Codes[i])
		}
	}
	s.grouped(b, "any below 500, but 408", 400, others, classes)
	s.grouped(b, "408, and any from 500", 500, others, classes)
	s.unknowns(b)
}

// unknowns lists what the operations say when their outcome is unknown.
func (s *Spec) unknowns(b *strings.Builder) {
	b.WriteString("\n| Operation | Class | When its outcome is unknown |\n|---|---|---|\n")
	for _, o := range s.Operations {
		if o.Class != "safe" {
			fmt.Fprintf(b, "| %s | %s | %s |\n", o.ID, o.Class, o.unknownAdvice())
		}
	}
}

// renews returns the codes whose 401 is cured by a login, of all operations of a
// class; "" is any class.
func (s *Spec) renews(class string) []string {
	for _, o := range s.Operations {
		if len(o.Renews) > 0 && (class == "" || o.Class == class) {
			return o.Renews
		}
	}
	return nil
}

// cells are what becomes of an answer, by class.
func (s *Spec) cells(status int, code *Code, classes []string) string {
	var all []string
	for _, class := range classes {
		c := s.Cell(Operation{Class: class, Unknown: seeBelow, Renews: s.renews(class)}, status, code, "")
		all = append(all, fmt.Sprintf("%d, %s, %s, %s", c.Attempts, c.Outcome, string(c.Category), c.Advice))
	}
	return strings.Join(all, " | ")
}

// grouped writes one line for all codes that fare alike.
func (s *Spec) grouped(b *strings.Builder, label string, status int, codes []*Code, classes []string) {
	var order []string
	names := map[string][]string{}
	for _, code := range codes {
		fate := s.cells(status, code, classes)
		if names[fate] == nil {
			order = append(order, fate)
		}
		names[fate] = append(names[fate], "`"+code.Value+"`")
	}
	for _, fate := range order {
		fmt.Fprintf(b, "| %s | %s | %s |\n", label, strings.Join(names[fate], ", "), fate)
	}
}

func head(b *strings.Builder, first string, classes []string) {
	fmt.Fprintf(b, "| %s | %s |\n|%s\n", first, strings.Join(classes, " | "), strings.Repeat("---|", len(classes)+1+strings.Count(first, "|")))
}

func line(b *strings.Builder, s *Spec, label string, status int, code *Code, classes []string) {
	fmt.Fprintf(b, "| %s | %s |\n", label, s.cells(status, code, classes))
}
