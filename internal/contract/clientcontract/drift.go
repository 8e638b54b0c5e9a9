package clientcontract

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3" // the node type of the overlay library

	"github.com/specpay/specpay/errgen/catalogs"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/drift"
	"github.com/specpay/specpay/pay"
)

// journey calls every operation once at the local sandbox and returns the traffic.
func journey(t *testing.T, s harness.Suite) []harness.Exchange {
	t.Helper()
	shop := s.Shop(t)
	defer shop.Close()
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	traffic := new(harness.Recording)
	for i, c := range shop.Calls(t, pay.WithTransport(traffic.RoundTripper(tr))) {
		if c.Ages {
			continue
		}
		do, err := c.Prepare(t.Context(), i+1)
		if err == nil {
			err = do(t.Context())
		}
		if err != nil {
			t.Fatalf("operation %s: %v", c.Operation, err)
		}
	}
	return traffic.Exchanges()
}

// compare writes exchanges to a file and compares it with a spec.
func compare(t *testing.T, spec string, all []harness.Exchange) *drift.Report {
	t.Helper()
	file := filepath.Join(t.TempDir(), "journey.har")
	if err := os.WriteFile(file, harness.HAR(all), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := drift.LoadSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	report, err := loaded.Compare(nil, []string{file})
	if err != nil {
		t.Fatal(err)
	}
	if report.Compared != len(all) {
		t.Errorf("got %d exchanges compared with operations, want all %d", report.Compared, len(all))
	}
	return report
}

func line(f *drift.Finding) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Kind, f.Operation, f.Pointer))
}

// sandboxTrafficHasNoDrift records one call of each operation and compares the traffic
// with the spec.
func sandboxTrafficHasNoDrift(t *testing.T, s harness.Suite) {
	for _, f := range compare(t, s.Spec, journey(t, s)).Findings {
		t.Errorf("got the difference %s (%s %d, seen %s, expected %s, count %d), want none", line(f), f.In, f.Status, f.Seen, f.Expected, f.Count)
	}
}

// recordedTrafficHasNoDrift compares the traffic of all tests with the spec, without the
// responses that tests made faulty, and writes it to the folder in SPECPAY_RECORD.
func recordedTrafficHasNoDrift(t *testing.T, s harness.Suite) {
	all := s.Recording.Exchanges()
	if len(all) == 0 {
		t.Skip("the tests that ran had no traffic")
	}
	s.Recording.Write(t, s.Provider)
	report := compare(t, s.Spec, all)
	t.Logf("%d exchanges, %d x-unverified seen", len(all), len(report.Seen))
	for _, f := range report.Findings {
		t.Errorf("got the difference %s (%s %d, seen %s, expected %s, count %d), want none", line(f), f.In, f.Status, f.Seen, f.Expected, f.Count)
	}
}

// plantedDeviationsAreFound edits responses of the recorded traffic. Each edit is found,
// and nothing else. With the overlay that drift writes, the spec has those that the
// overlay can express.
func plantedDeviationsAreFound(t *testing.T, s harness.Suite) {
	all := slices.Repeat(journey(t, s), 4)
	var want []string
	kinds, used := map[string]bool{}, map[int]bool{}
	for _, d := range s.Deviations {
		i := exchangeOf(t, s, all, d.Operation, used)
		used[i], kinds[d.Kind] = true, true
		d.Edit(&all[i])
		want = append(want, strings.TrimSpace(d.Kind+" "+d.Operation+" "+d.Pointer))
	}
	harness.Expect(t, "deviations", "kinds", len(kinds), 10)
	report := compare(t, s.Spec, all)
	var got []string
	covered := 0
	for _, f := range report.Findings {
		got = append(got, line(f))
		if f.Count != 1 {
			t.Errorf("%s: got count %d, want 1", line(f), f.Count)
		}
		if f.InOverlay {
			covered++
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("got the differences\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	if covered < 9 {
		t.Errorf("the overlay takes in %d differences, want at least 9 of 10", covered)
	}
	for _, f := range compare(t, withOverlay(t, s.Spec, report), all).Findings {
		if f.InOverlay {
			t.Errorf("with the overlay: got the difference %s (seen %s, expected %s), want none", line(f), f.Seen, f.Expected)
		}
	}
}

// exchangeOf returns the first exchange of an operation that is not used.
func exchangeOf(t *testing.T, s harness.Suite, all []harness.Exchange, operation string, used map[int]bool) int {
	t.Helper()
	router := specmodel.Load(t, s.Spec).Router
	for i, x := range all {
		r, err := http.NewRequestWithContext(t.Context(), x.Method, x.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if route, _, err := router.FindRoute(r); err == nil && route.Operation.OperationID == operation && !used[i] {
			return i
		}
	}
	t.Fatalf("the traffic has no exchange left for operation %s", operation)
	return 0
}

// withOverlay applies the overlay of a report to a spec, as oapi-codegen does, and checks
// that errgen reads it too. It returns the file of the new spec.
func withOverlay(t *testing.T, spec string, report *drift.Report) string {
	t.Helper()
	data, _, err := report.Overlay()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "overlay.yaml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := overlay.Parse(file)
	if err != nil {
		t.Fatalf("the overlay is not valid: %v\n%s", err, data)
	}
	text, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	if _, err := o.ApplyToStrict(&root); err != nil {
		t.Fatalf("the overlay does not fit: %v\n%s", err, data)
	}
	changed, err := yaml.Marshal(&root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := catalogs.Read(catalogs.Source{Name: spec, Data: text, Overlay: data}); err != nil {
		t.Errorf("errgen does not read the overlay: %v\n%s", err, data)
	}
	name := filepath.Join(dir, "spec.yaml")
	if err := os.WriteFile(name, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
