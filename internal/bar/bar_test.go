package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// lines makes the output of go test -json from short events.
func lines(events ...event) string {
	var b strings.Builder
	for _, e := range events {
		data, _ := json.Marshal(map[string]string{"Action": e.Action, "Package": e.Package, "Test": e.Test, "Key": e.Key, "Value": e.Value, "Output": e.Output})
		b.Write(append(data, '\n'))
	}
	return b.String()
}

const qpay = "github.com/specpay/specpay/qpay"

func TestRead(t *testing.T) {
	found, broken, err := read(strings.NewReader("not an event\n" + lines(
		event{Action: "attr", Package: qpay, Test: "TestT1_One", Key: "figure", Value: "1 request"},
		event{Action: "attr", Package: qpay, Test: "TestT1_One/part", Key: "figure", Value: "200 calls"},
		event{Action: "attr", Package: qpay, Test: "TestT1_One/part", Key: "figure", Value: "200 calls"},
		event{Action: "pass", Package: qpay, Test: "TestT1_One/part"},
		event{Action: "pass", Package: qpay, Test: "TestT1_One"},
		event{Action: "attr", Package: qpay, Test: "TestT8_Signed", Key: "not-applicable", Value: "nothing is signed"},
		event{Action: "pass", Package: qpay, Test: "TestT8_Signed"},
		event{Action: "output", Package: qpay, Test: "TestT2_Down", Output: "3 requests\n"},
		event{Action: "fail", Package: qpay, Test: "TestT2_Down"},
		event{Action: "skip", Package: qpay, Test: "TestT3_Later"},
		event{Action: "fail", Package: qpay},
		event{Action: "fail", Package: "github.com/specpay/specpay/pay"},
	)))
	if err != nil {
		t.Fatal(err)
	}
	if len(broken) != 1 || broken[0] != "github.com/specpay/specpay/pay" {
		t.Errorf("broken: %v", broken)
	}
	for id, want := range map[string]string{"T1": passed, "T8": without, "T2": failure, "T3": failure, "T4": missing} {
		if got := result(found[id]); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	if got := figures(found["T1"]); len(got) != 1 || got[0] != "1 request; 200 calls" {
		t.Errorf("T1 measured %q", got)
	}
	var out strings.Builder
	all, err := choose("T[1-4]")
	if err != nil {
		t.Fatal(err)
	}
	if failed := printTable(&out, all, found); failed != 3 || !strings.Contains(out.String(), "3 requests") || !strings.Contains(out.String(), "1 without a test") {
		t.Errorf("%d failed, want 3:\n%s", failed, out.String())
	}
}

// TestSeveralProviders: one that the row does not fit does not hide the others, and a failing one is never hidden.
func TestSeveralProviders(t *testing.T) {
	fits, not, fails := proof{Place: "./a", Passed: true}, proof{Place: "./b", Passed: true, Without: "no tokens"}, proof{Place: "./c"}
	if got := result([]proof{not, fits}); got != passed {
		t.Error(got)
	}
	if got := result([]proof{not, fits, fails}); got != failure {
		t.Error(got)
	}
	if got := figures([]proof{fits, not}); len(got) != 1 || got[0] != "b: not applicable: no tokens" {
		t.Error(got)
	}
}

func TestChooseRefuses(t *testing.T) {
	for _, bad := range []string{"(", "Z1"} {
		if _, err := choose(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestPageIsOfThisBar: the published page has every row once, passed or with a reason, and no others.
func TestPageIsOfThisBar(t *testing.T) {
	page, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^\| ([A-Z]\d*) \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$`).FindAllStringSubmatch(string(page), -1)
	all := rows()
	if len(lines) != len(all) {
		t.Fatalf("the page has %d rows, the bar %d; run make reliability", len(lines), len(all))
	}
	for i, l := range lines {
		if l[1] != all[i].ID || l[2] != cell(all[i].Asks) {
			t.Errorf("row %d of the page is %s %q; run make reliability", i+1, l[1], l[2])
		}
		if l[3] != passed && (l[3] != without || !strings.Contains(l[4], without)) {
			t.Errorf("%s: the page says %q without a reason", l[1], l[3])
		}
		if l[5] == "" {
			t.Errorf("%s: a figure without its command", l[1])
		}
	}
}

func TestRowsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rows() {
		if seen[r.ID] || r.Asks == "" {
			t.Errorf("%s stands twice or asks nothing", r.ID)
		}
		seen[r.ID] = true
	}
}
