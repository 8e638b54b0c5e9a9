package clientcontract

import (
	"encoding/json"
	"maps"
	"math/big"
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

// repeatedMembersAreRefused repeats each member of each response, once under its own
// name and once under the same name in another case.
func repeatedMembersAreRefused(t *testing.T, s harness.Suite) {
	d := harness.NewMemoryDriver(t, s)
	for _, op := range d.Distinct() {
		doc := specmodel.Decode(op.Full)
		repeated := repeatedMembers(op.Schema, doc)
		for _, input := range sample.Of(slices.Sorted(maps.Keys(repeated)), 6) {
			body := specmodel.Edits{Insert: repeated[input]}.Write(doc)
			_, err := d.Call(t, op, d.Response(op, op.Status, "application/json", body))
			_ = d.CheckError(t, op, input, err, op.Status)
		}
	}
}

// repeatedMembers returns the insertions that make one member of a document appear
// twice, by what is repeated. A name in another case counts only where the schema has
// the name.
func repeatedMembers(s *openapi3.Schema, doc any) map[string]map[string]string {
	out := map[string]map[string]string{}
	add := func(object, member, name string, v any) {
		insert := string(specmodel.Encode(name)) + ":" + string(specmodel.Encode(v)) + ","
		out[member+" and "+name] = map[string]string{object: insert}
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

// oddNumbers are numbers that floats, int32 and careless parsers get wrong.
var oddNumbers = []string{
	"16777217", "9007199254740993", "123456.78", `"12.30"`, "-0", "1e309", "1e1000000000", strings.Repeat("9", 400),
	`"16777217"`, `"9007199254740993"`, `"1e1000000000"`, `"` + strings.Repeat("9", 400) + `"`, "0.1e1", "-1",
}

// numbersAreExactOrRefused replaces each number of each response, and each string
// that is a number, by odd ones. None may take long to read.
func numbersAreExactOrRefused(t *testing.T, s harness.Suite) {
	d := harness.NewMemoryDriver(t, s)
	for index, op := range d.Distinct() {
		if op.Void {
			continue
		}
		doc := specmodel.Decode(op.Full)
		numbers := slices.DeleteFunc(specmodel.Members(doc), func(m specmodel.Member) bool { return !isNumber(m.Value) })
		for i, m := range sample.Of(numbers, 3) {
			for v, number := range oddNumbers {
				if sample.Turn(index+i, v%5, 5) {
					oneNumber(t, d, op, m.Pointer, number)
				}
			}
		}
	}
}

// maxNumberTime is far more than any number takes, also on a busy machine, and far
// less than writing out 1e1000000000 would.
const maxNumberTime = 2 * time.Second

// oneNumber calls an operation whose response has a number at a pointer.
func oneNumber(t *testing.T, d *harness.MemoryDriver, op *harness.Operation, pointer, number string) {
	t.Helper()
	input := pointer + " = " + harness.Short(number)
	body := specmodel.Edits{Replace: map[string]string{pointer: number}}.Write(specmodel.Decode(op.Full))
	start := time.Now()
	got, err := d.Call(t, op, d.Response(op, op.Status, "application/json", body))
	if took := time.Since(start); took > maxNumberTime {
		t.Errorf("%s: took %v, want at most %v", harness.Subject(op.ID, input), took, maxNumberTime)
	}
	if err != nil {
		_ = d.CheckError(t, op, input, err, op.Status)
		return
	}
	if back := memberOf(t, got, pointer); !sameNumber(back, number) {
		t.Errorf("%s: got %s, want the same number or an error", harness.Subject(op.ID, input), harness.Short(back))
	}
}

// isNumber reports whether a value is a number, or a string that is one.
func isNumber(v any) bool {
	if s, ok := v.(string); ok {
		_, err := json.Number(s).Float64()
		return err == nil
	}
	_, ok := v.(json.Number)
	return ok
}

// memberOf returns what the encoded result has at a pointer; "0" if it omits it.
func memberOf(t *testing.T, result any, pointer string) string {
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

// sameNumber compares two numbers, or strings that are numbers, without a float.
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
