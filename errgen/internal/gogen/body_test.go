package gogen

import (
	"testing"

	"github.com/specpay/specpay/errgen/internal/model"
)

func pointers(s ...string) (out []model.Text) {
	for _, p := range s {
		out = append(out, model.Text{Value: p})
	}
	return out
}

func TestBody(t *testing.T) {
	for _, test := range []struct {
		at, kind, from string
		code, message  []model.Text
		want           string
	}{
		{"", "", "", pointers("/error", "/code"), pointers("/message"), `{"error":"C","message":"M \"<&>"}`},
		{"/result", "", "/resultStatus", pointers("/resultCode"), pointers("/resultMessage"),
			`{"result":{"resultCode":"C","resultStatus":"W","resultMessage":"M \"<&>"}}`},
		{"", "", "/head/state", pointers("/error/code"), pointers("/error/message"), `{"error":{"code":"C","message":"M \"<&>"},"head":{"state":"W"}}`},
		{"", "/error/type", "", pointers("/error/code"), pointers("/error/message"), `{"error":{"type":"T","code":"C","message":"M \"<&>"}}`},
		{"", "/type", "", pointers("/type"), nil, `{"type":"C"}`},
		{"", "/error", "", pointers("/error/code"), nil, `{"error":{"code":"C"}}`},
		{"", "/error/type", "/error", pointers("/error"), nil, `{"error":"C"}`},
		{"", "", "", pointers("/errors/0/code"), nil, `{"errors":[{"code":"C"}]}`},
		{"", "", "", pointers("/a~1b"), pointers("/a~1b/message"), `{"a/b":"C"}`},
		{"", "", "", nil, pointers("/message"), ``},
	} {
		e := &model.Envelope{At: model.Text{Value: test.at}, Code: test.code, Message: test.message}
		if test.kind != "" {
			e.Type = pointers(test.kind)
		}
		if test.from != "" {
			e.Outcome = &model.Outcome{From: model.Text{Value: test.from}}
		}
		if got := body(e, parts{"C", "T", "W", `M "<&>`, ""}); got != test.want {
			t.Errorf("%v at %q: got %s, want %s", test.code, test.at, got, test.want)
		}
	}
}

func TestBodyNamesTheParameter(t *testing.T) {
	e := &model.Envelope{At: model.Text{Value: "/error"}, Code: pointers("/code"), Param: pointers("/field", "/param")}
	if got, want := body(e, parts{code: "C", param: "P"}), `{"error":{"code":"C","field":"P"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := body(e, parts{code: "C"}), `{"error":{"code":"C"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOutcomeWord(t *testing.T) {
	pair := func(word, outcome string) model.Pair {
		return model.Pair{Key: model.Text{Value: word}, Text: model.Text{Value: outcome}}
	}
	full := &model.Outcome{Map: []model.Pair{pair("S", "ok"), pair("U", "unknown"), pair("F", "failed"), pair("X", "failed")}}
	for _, test := range []struct {
		o             *model.Outcome
		outcome, want string
	}{
		{full, "ok", "S"}, {full, "unknown", "U"}, {full, "failed", "F"}, {full, "", "F"}, {full, "pending", "F"},
		{&model.Outcome{Map: []model.Pair{pair("S", "ok")}}, "", ""}, {nil, "ok", ""},
	} {
		if got := test.o.Word(test.outcome); got != test.want {
			t.Errorf("outcome %q: got %q, want %q", test.outcome, got, test.want)
		}
	}
}
