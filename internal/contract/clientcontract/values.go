package clientcontract

import (
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	jsonv2 "github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
)

// H9 repeats every member of every good answer and notification, once under its
// own name and once under its twin in another case.
func repeatedMembersAreRefused(t *testing.T, s harness.Suite) {
	l, n := harness.NewMemoryDriver(t, s), 0
	for _, c := range l.Distinct() {
		doc := specmodel.Decode(c.Full)
		all := withRepeatedMembers(c.Schema, doc)
		for _, where := range sample.Of(slices.Sorted(maps.Keys(all)), 6) {
			_, err := l.Call(t, c, l.Response(c, c.Status, "application/json", all[where]))
			if l.CheckError(t, where, c, err, c.Status) == nil {
				t.Errorf("%s: read all the same", where)
			}
			n++
		}
	}
	t.Logf("%d responses with a repeated member refused", n)
}

// repeated maps what was done to a document to the document: one member twice.
// The twin of a name means something only where the schema knows the name.
func withRepeatedMembers(s *openapi3.Schema, doc any) map[string]string {
	out := map[string]string{}
	add := func(object, member, name string, v any) {
		insert := string(specmodel.Encode(name)) + ":" + string(specmodel.Encode(v)) + ","
		out[member+" and "+name] = specmodel.Edits{Insert: map[string]string{object: insert}}.Write(doc)
	}
	for _, m := range specmodel.Members(doc) {
		add(m.Object, m.Pointer, m.Name, m.Value)
	}
	specmodel.EachObject(s, "", doc, func(at string, s *openapi3.Schema, m map[string]any) {
		for name := range s.Properties {
			if v, found := m[name]; found {
				add(at, at+"/"+name, specmodel.OtherCase(name), v)
			}
		}
	})
	return out
}

// oddNumbers are numbers that floats, int32 and hasty parsers get wrong.
var oddNumbers = []string{
	"16777217", "9007199254740993", "123456.78", `"12.30"`, "-0", "1e309", "1e1000000000", strings.Repeat("9", 400),
	`"16777217"`, `"9007199254740993"`, `"1e1000000000"`, `"` + strings.Repeat("9", 400) + `"`, "0.1e1", "-1",
}

// H10 puts odd numbers wherever a good answer has a number, or a text that is
// one.
func numbersAreExactOrRefused(t *testing.T, s harness.Suite) {
	l, exact, refused, slowest := harness.NewMemoryDriver(t, s), 0, 0, time.Duration(0)
	for index, c := range l.Distinct() {
		if c.Void {
			continue
		}
		doc := specmodel.Decode(c.Full)
		turn := index
		_, plain, _ := timedCall(l, t, c, l.Response(c, c.Status, "application/json", string(c.Full)), 0)
		numbers := slices.DeleteFunc(specmodel.Members(doc), func(m specmodel.Member) bool { return !isNumber(m.Value) })
		for _, m := range sample.Of(numbers, 3) {
			turn++
			for v, number := range oddNumbers {
				if !sample.Turn(turn, v%5, 5) {
					continue
				}
				h := l.Response(c, c.Status, "application/json", specmodel.Edits{Replace: map[string]string{m.Pointer: number}}.Write(doc))
				got, took, err := timedCall(l, t, c, h, plain)
				slowest = max(slowest, took-plain)
				if err != nil {
					_ = l.CheckError(t, m.Pointer+" = "+number, c, err, c.Status)
					refused++
					continue
				}
				if back := written(t, got, m.Pointer); !sameNumber(back, number) {
					t.Errorf("%s, %s: %.50s became %.50s", c.Id, m.Pointer, number, back)
				}
				exact++
			}
		}
	}
	if slowest > 5*slack*time.Millisecond { // the bar says 1 ms; the machine has other things to do
		t.Errorf("the slowest took %v longer than the plain answer, want 1 ms", slowest)
	}
	t.Logf("%d numbers exact, %d refused by a typed error, the slowest %v more than the plain answer", exact, refused, slowest.Round(time.Microsecond))
}

// slack is the factor by which the race detector slows a call down.
var slack = map[bool]time.Duration{false: 1, true: 13}[sample.Race]

// timed makes a call, again if it was slower than a millisecond beyond plain: the
// machine has other things to do.
func timedCall(l *harness.MemoryDriver, t *testing.T, c *harness.Operation, h http.Handler, plain time.Duration) (got any, took time.Duration, err error) {
	took = time.Hour
	for range 5 {
		start := time.Now()
		got, err = l.Call(t, c, h)
		if took = min(took, time.Since(start)); took < plain+slack*time.Millisecond {
			break
		}
	}
	return got, took, err
}

func isNumber(v any) bool {
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
	v, found := specmodel.At(specmodel.Decode(b), pointer)
	if !found || v == nil {
		return "0"
	}
	return string(specmodel.Encode(v))
}

// same compares two numbers, text or not, without a float.
func sameNumber(a, b string) bool {
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
