package catalog_test

import (
	"slices"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// owned is a code of one of several catalogs, each with its own entries.
type owned struct{ catalog, value string }

// entries has the catalogs of TestEnvelopesAtOnePointer, with the statuses of each code.
var entries = map[string]map[string][]int{
	"bad":     {"INVALID": {400}, "COMMON": {400}, "TWICE": nil},
	"missing": {"GONE": {404}, "COMMON": {404}, "TWICE": nil},
	"other":   {"ELSEWHERE": {409}, "COMMON": {409}},
}

func (o owned) Error() string { return o.catalog + ":" + o.value }

func (o owned) Info() (apierr.CodeInfo, bool) {
	statuses, known := entries[o.catalog][o.value]
	return apierr.CodeInfo{Value: o.value, Statuses: statuses, Category: apierr.ErrConflict, Advice: apierr.AdviceNever}, known
}

// TestEnvelopesAtOnePointer: if several envelopes read the same member, the one that is declared for the operation and
// status is used, and if its catalog does not have the code, one whose catalog does.
func TestEnvelopesAtOnePointer(t *testing.T) {
	envelope := func(name, pointer string) catalog.Envelope {
		return catalog.Envelope{Code: []string{pointer}, Parse: func(s string) apierr.Code { return owned{name, s} }}
	}
	c := &catalog.Catalog{
		Envelopes: []catalog.Envelope{envelope("bad", "/name"), envelope("missing", "/name"), envelope("other", "/name"), envelope("other", "/issue")},
		Operations: []catalog.Operation{
			{ID: "create", Shapes: []catalog.Shape{{Status: 400, Envelope: 0}, {Status: 409, Envelope: 2}}},
			{ID: "get", Shapes: []catalog.Shape{{Status: 404, Envelope: 1}}},
			{ID: "both", Shapes: []catalog.Shape{{Envelope: 0}, {Envelope: 1}}},
			{ID: "none"},
		},
	}
	for _, tt := range []struct {
		operation string
		status    int
		body      string
		want      apierr.Code
	}{
		{"create", 400, `{"name":"INVALID"}`, owned{"bad", "INVALID"}},
		{"create", 400, `{"name":"COMMON"}`, owned{"bad", "COMMON"}},
		{"create", 409, `{"name":"COMMON"}`, owned{"other", "COMMON"}},
		{"create", 400, `{"name":"ELSEWHERE"}`, owned{"other", "ELSEWHERE"}},        // declared at another status
		{"create", 404, `{"name":"GONE"}`, owned{"missing", "GONE"}},                // declared by another operation
		{"create", 400, `{"issue":"ELSEWHERE"}`, nil},                               // where only other operations have codes
		{"create", 400, `{"name":"NEW"}`, owned{"bad", "NEW"}},                      // nobody knows it
		{"get", 404, `{"name":"NEW","issue":"ELSEWHERE"}`, owned{"missing", "NEW"}}, // an undeclared envelope reads another member
		{"both", 404, `{"name":"COMMON"}`, owned{"missing", "COMMON"}},              // the status decides
		{"both", 400, `{"name":"COMMON"}`, owned{"bad", "COMMON"}},                  // the same
		{"both", 404, `{"name":"TWICE"}`, owned{"bad", "TWICE"}},                    // ambiguous: the first
		{"none", 404, `{"name":"COMMON"}`, owned{"missing", "COMMON"}},              // declares nothing: what others declare
		{"", 404, `{"name":"TWICE"}`, owned{"missing", "TWICE"}},                    // only get declares 404
		{"", 400, `{"name":"TWICE"}`, owned{"bad", "TWICE"}},                        // only create declares 400
		{"", 409, `{"name":"COMMON"}`, owned{"other", "COMMON"}},                    // the same
		{"", 404, `{"name":"NEW"}`, owned{"missing", "NEW"}},                        // the declared catalog
		{"", 500, `{"name":"INVALID"}`, owned{"bad", "INVALID"}},                    // default of both
	} {
		e := c.Read(c.Operation(tt.operation), catalog.Response{StatusCode: tt.status, Body: []byte(tt.body)})
		if got := e.Err().Code; got != tt.want {
			t.Errorf("%s, %d, %s: got %v, want %v", tt.operation, tt.status, tt.body, got, tt.want)
		}
	}
}

// TestUndeclaredEnvelopeIsNotUsedForASuccess: a success is a failure only by the envelopes of its own operation.
func TestUndeclaredEnvelopeIsNotUsedForASuccess(t *testing.T) {
	c := demo()
	for _, op := range []string{"status", "gate"} {
		r := c.Read(&catalog.Operation{Shapes: slices.DeleteFunc(slices.Clone(c.Operation(op).Shapes), func(s catalog.Shape) bool { return s.Envelope == 0 })},
			catalog.Response{StatusCode: 200, Body: []byte(`{"error":{"code":"DECLINED"}}`)})
		if r.Failed {
			t.Errorf("%s: a code of another operation's envelope made a success fail", op)
		}
	}
}
