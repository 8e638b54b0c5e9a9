package contract

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	jsonv2 "github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/sample"
)

// H9 repeats every member of every good answer and notification, once under its
// own name and once under its twin in another case.
func H9(t *testing.T, s Suite) {
	l, n := newLab(t, s), 0
	for _, c := range l.distinct() {
		doc := decoded(c.whole)
		all := repeated(c.schema, doc)
		for _, where := range sample.Of(slices.Sorted(maps.Keys(all)), 6) {
			_, err := l.call(t, c, l.says(c, c.status, "application/json", all[where]))
			if l.typed(t, where, c, err, c.status) == nil {
				t.Errorf("%s: read all the same", where)
			}
			n++
		}
	}
	Figure(t, "%d answers with a repeated member refused; %s", n, l.repeatedNotices(t))
}

// repeated maps what was done to a document to the document: one member twice.
// The twin of a name means something only where the schema knows the name.
func repeated(s *openapi3.Schema, doc any) map[string]string {
	out := map[string]string{}
	add := func(object, member, name string, v any) {
		insert := string(encoded(name)) + ":" + string(encoded(v)) + ","
		out[member+" and "+name] = edits{insert: map[string]string{object: insert}}.write(doc)
	}
	for _, m := range members(doc) {
		add(m.object, m.at, m.name, m.value)
	}
	eachObject(s, "", doc, func(at string, s *openapi3.Schema, m map[string]any) {
		for name := range s.Properties {
			if v, found := m[name]; found {
				add(at, at+"/"+name, twin(name), v)
			}
		}
	})
	return out
}

// repeatedNotices does the same to a notification.
func (l *lab) repeatedNotices(t *testing.T) string {
	t.Helper()
	if l.sandbox.Signed == nil {
		return "notifications of this provider are no documents"
	}
	runs, n := 0, 0
	h := l.Connect(t, l.sandbox.URL).Webhook(func(context.Context) error { runs++; return nil })
	body, err := io.ReadAll(l.sandbox.Notification(t)().Body)
	if err != nil {
		t.Fatal(err)
	}
	doc := decoded(body)
	for _, m := range members(doc) {
		for _, name := range []string{m.name, twin(m.name)} {
			if name != m.name && strings.Contains(strings.ToLower(m.object), "metadata") {
				continue // free names
			}
			insert := string(encoded(name)) + ":" + string(encoded(m.value)) + ","
			twice := edits{insert: map[string]string{m.object: insert}}.write(doc)
			if status, answer := deliver(h, l.sandbox.Signed(t, []byte(twice))); answer == l.sandbox.Accepted || runs != 0 {
				t.Errorf("a notification with %s and %s: answered %d %q", m.at, name, status, answer)
				runs = 0
			}
			n++
		}
	}
	if status, answer := deliver(h, l.sandbox.Signed(t, body)); status != http.StatusOK || runs != 1 {
		t.Errorf("the whole notification: answered %d %q", status, answer)
	}
	return plural(n, "notification") + " too"
}

// oddNumbers are numbers that floats, int32 and hasty parsers get wrong.
var oddNumbers = []string{
	"16777217", "9007199254740993", "123456.78", `"12.30"`, "-0", "1e309", "1e1000000000", strings.Repeat("9", 400),
	`"16777217"`, `"9007199254740993"`, `"1e1000000000"`, `"` + strings.Repeat("9", 400) + `"`, "0.1e1", "-1",
}

// H10 puts odd numbers wherever a good answer has a number, or a text that is
// one.
func H10(t *testing.T, s Suite) {
	l, exact, refused, slowest := newLab(t, s), 0, 0, time.Duration(0)
	for index, c := range l.distinct() {
		if c.void {
			continue
		}
		doc := decoded(c.whole)
		turn := index
		_, plain, _ := l.timed(t, c, l.says(c, c.status, "application/json", string(c.whole)), 0)
		numbers := slices.DeleteFunc(members(doc), func(m place) bool { return !numeric(m.value) })
		for _, m := range sample.Of(numbers, 3) {
			turn++
			for v, number := range oddNumbers {
				if !sample.Turn(turn, v%5, 5) {
					continue
				}
				h := l.says(c, c.status, "application/json", edits{replace: map[string]string{m.at: number}}.write(doc))
				got, took, err := l.timed(t, c, h, plain)
				slowest = max(slowest, took-plain)
				if err != nil {
					_ = l.typed(t, m.at+" = "+number, c, err, c.status)
					refused++
					continue
				}
				if back := written(t, got, m.at); !same(back, number) {
					t.Errorf("%s, %s: %.50s became %.50s", c.id, m.at, number, back)
				}
				exact++
			}
		}
	}
	if slowest > 5*slack*time.Millisecond { // the bar says 1 ms; the machine has other things to do
		t.Errorf("the slowest took %v longer than the plain answer, want 1 ms", slowest)
	}
	Figure(t, "%d numbers exact, %d refused by a typed error, the slowest %v more than the plain answer", exact, refused, slowest.Round(time.Microsecond))
}

// slack is the factor by which the race detector slows a call down.
var slack = map[bool]time.Duration{false: 1, true: 13}[sample.Race]

// timed makes a call, again if it was slower than a millisecond beyond plain: the
// machine has other things to do.
func (l *lab) timed(t *testing.T, c *callable, h http.Handler, plain time.Duration) (got any, took time.Duration, err error) {
	took = time.Hour
	for range 5 {
		start := time.Now()
		got, err = l.call(t, c, h)
		if took = min(took, time.Since(start)); took < plain+slack*time.Millisecond {
			break
		}
	}
	return got, took, err
}

func numeric(v any) bool {
	if s, ok := v.(string); ok {
		_, err := json.Number(s).Float64()
		return err == nil
	}
	_, ok := v.(json.Number)
	return ok
}

// written is what a result writes at a pointer; "0" when it leaves it out.
func written(t *testing.T, result any, pointer string) string {
	t.Helper()
	b, err := jsonv2.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	v, found := at(decoded(b), pointer)
	if !found || v == nil {
		return "0"
	}
	return string(encoded(v))
}

// same compares two numbers, text or not, without a float.
func same(a, b string) bool {
	a, b = strings.Trim(a, `"`), strings.Trim(b, `"`)
	if a == b {
		return true
	}
	if len(a) > 500 || len(b) > 500 || strings.Contains(a+b, "e1000") {
		return false
	}
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	return ok1 && ok2 && x.Cmp(y) == 0
}
