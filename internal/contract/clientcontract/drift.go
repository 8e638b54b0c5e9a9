package clientcontract

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3" // the node type of the overlay library

	"github.com/specpay/specpay/errgen/catalogs"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/drift"
	"github.com/specpay/specpay/pay"
)

// journey calls every operation once at the local sandbox, through rt.
func journey(t *testing.T, s harness.Suite, rt http.RoundTripper) {
	t.Helper()
	shop := s.Shop(t)
	defer shop.Close()
	for i, c := range shop.Calls(t, pay.WithTransport(rt)) {
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
}

// genuine is a request with its response, as they were.
type genuine struct {
	request  *http.Request
	sent     []byte
	response faulthttp.Response
}

// exchanges keeps what passes through it.
type exchanges struct {
	base http.RoundTripper
	all  []genuine
}

func (x *exchanges) RoundTrip(r *http.Request) (*http.Response, error) {
	r, sent, err := faulthttp.CopyBody(r)
	if err != nil {
		return nil, err
	}
	resp, err := x.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	received, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(received))
	header := resp.Header.Clone()
	header.Del("Content-Length") // a test can change the length
	x.all = append(x.all, genuine{r, sent, faulthttp.Response{Status: resp.StatusCode, Header: header, Body: received}})
	return resp, err
}

// recorded returns the recording of exchanges.
func recorded(t *testing.T, spec string, all []genuine) []byte {
	t.Helper()
	var now *genuine
	rec := harness.NewRecorder(t, spec, faulthttp.InMemory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		now.response.ServeHTTP(w, r)
	})})
	for i := range all {
		now = &all[i]
		r := now.request.Clone(t.Context())
		r.Body = io.NopCloser(bytes.NewReader(now.sent))
		resp, err := rec.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return harness.HAR(t, rec)
}

// compare compares a recording with a spec.
func compare(t *testing.T, spec string, har []byte) *drift.Report {
	t.Helper()
	file := filepath.Join(t.TempDir(), "journey.har")
	if err := os.WriteFile(file, har, 0o600); err != nil {
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
	if report.Compared != report.Entries {
		t.Errorf("got %d requests compared with operations, want all %d", report.Compared, report.Entries)
	}
	if report.NoBody > 0 {
		t.Errorf("got %d responses without their bodies, want none", report.NoBody)
	}
	return report
}

func line(f *drift.Finding) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Kind, f.Operation, f.Pointer))
}

// sandboxTrafficHasNoDrift records one call of each operation and compares the traffic
// with the spec.
func sandboxTrafficHasNoDrift(t *testing.T, s harness.Suite) {
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	rec := harness.NewRecorder(t, s.Spec, tr)
	journey(t, s, rec)
	for _, f := range compare(t, s.Spec, harness.HAR(t, rec)).Findings {
		t.Errorf("got the difference %s (%s %d, seen %s, expected %s, count %d), want none", line(f), f.In, f.Status, f.Seen, f.Expected, f.Count)
	}
}

// recordedTrafficHasNoDrift compares the traffic of all tests with the spec, without the
// responses that tests made faulty.
func recordedTrafficHasNoDrift(t *testing.T, s harness.Suite) {
	har := s.Recording.HAR(t)
	if !bytes.Contains(har, []byte(`"startedDateTime"`)) {
		t.Skip("the tests that ran had no traffic")
	}
	report := compare(t, s.Spec, har)
	t.Logf("%d requests, %d without response, %d x-unverified seen", report.Entries, report.NoResponse, len(report.Seen))
	for _, f := range report.Findings {
		t.Errorf("got the difference %s (%s %d, seen %s, expected %s, count %d), want none", line(f), f.In, f.Status, f.Seen, f.Expected, f.Count)
	}
}

// plantedDeviationsAreFound edits responses before they are recorded. Each edit is found,
// and nothing else. With the overlay that drift writes, the spec has those that the
// overlay can express.
func plantedDeviationsAreFound(t *testing.T, s harness.Suite) {
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	kept := &exchanges{base: tr}
	journey(t, s, kept)
	all := slices.Repeat(kept.all, 4)
	var want []string
	kinds, used := map[string]bool{}, map[int]bool{}
	for _, d := range s.Deviations {
		i := exchangeOf(t, s, all, d.Operation, used)
		used[i], kinds[d.Kind] = true, true
		d.Edit(&all[i].response)
		want = append(want, strings.TrimSpace(d.Kind+" "+d.Operation+" "+d.Pointer))
	}
	harness.Expect(t, "deviations", "kinds", len(kinds), 10)
	har := recorded(t, s.Spec, all)
	report := compare(t, s.Spec, har)
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
	for _, f := range compare(t, withOverlay(t, s.Spec, report), har).Findings {
		if f.InOverlay {
			t.Errorf("with the overlay: got the difference %s (seen %s, expected %s), want none", line(f), f.Seen, f.Expected)
		}
	}
}

// exchangeOf returns the first exchange of an operation that is not used.
func exchangeOf(t *testing.T, s harness.Suite, all []genuine, operation string, used map[int]bool) int {
	t.Helper()
	router := specmodel.Load(t, s.Spec).Router
	for i, x := range all {
		if route, _, err := router.FindRoute(x.request); err == nil && route.Operation.OperationID == operation && !used[i] {
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
