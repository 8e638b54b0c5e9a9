package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// proof is what one test or command said of a row.
type proof struct {
	Place   string // package below the module, or make target
	Name    string // of the test
	Passed  bool
	Skipped bool
	Figures []string
	Without string // why the row does not fit here; "" = it does
	Output  []string
}

// event is a line of go test -json.
type event struct{ Action, Package, Test, Key, Value, Output string }

// runTests runs the tests of all rows and sorts what they say by row.
func runTests(ctx context.Context, rows []row) (map[string][]proof, error) {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-timeout=20m", "-run", "^Test("+strings.Join(ids, "|")+")_", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	found, broken, err := read(out)
	if err != nil {
		return nil, err
	}
	_ = cmd.Wait() // failures are told by the events
	if len(broken) > 0 {
		return nil, fmt.Errorf("these packages did not get as far as their tests: %s", strings.Join(broken, ", "))
	}
	return found, nil
}

// read collects events. broken are the packages that failed without a failing row.
func read(r io.Reader) (found map[string][]proof, broken []string, err error) {
	tests, order := map[string]*proof{}, []string{}
	failed := map[string]bool{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // what the go command itself prints
		}
		if e.Test == "" {
			if e.Action == "fail" {
				broken = append(broken, e.Package)
			}
			continue
		}
		top, _, _ := strings.Cut(e.Test, "/")
		key := e.Package + " " + top
		if tests[key] == nil {
			tests[key] = &proof{Place: place(e.Package), Name: top}
			order = append(order, key)
		}
		tests[key].take(e, e.Test == top)
		failed[e.Package] = failed[e.Package] || e.Action == "fail"
	}
	found = map[string][]proof{}
	for _, key := range order {
		id := rowOf(tests[key].Name)
		found[id] = append(found[id], *tests[key])
	}
	broken = slices.DeleteFunc(broken, func(pkg string) bool { return failed[pkg] })
	return found, broken, errors.Join(lines.Err())
}

// take adds one event; top tells the test itself from its parts.
func (p *proof) take(e event, top bool) {
	switch {
	case e.Action == "attr" && e.Key == "figure" && !slices.Contains(p.Figures, e.Value):
		p.Figures = append(p.Figures, e.Value)
	case e.Action == "attr" && e.Key == "not-applicable" && top:
		p.Without = e.Value
	case e.Action == "attr" && e.Key == "not-applicable":
		p.Figures = append(p.Figures, "not applicable: "+e.Value)
	case e.Action == "output":
		p.Output = append(p.Output, e.Output)
	case e.Action == "pass" && top:
		p.Passed = true
	case e.Action == "skip" && top:
		p.Skipped = true
	}
}

func rowOf(test string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(test, "Test"), "_")
	return id
}

// place is a package as one types it in the root of the module.
func place(pkg string) string {
	return "." + strings.TrimPrefix(pkg, "github.com/specpay/specpay")
}
