package drift_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/drift"
)

// load reads a spec from testdata.
func load(t testing.TB, name string) *drift.Spec {
	t.Helper()
	spec, err := drift.LoadSpec(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// exchange is an entry of a recording.
type exchange struct {
	method, url, sent string
	status            int
	media, body       string
}

// har writes a recording to a file.
func har(t testing.TB, all ...exchange) string {
	t.Helper()
	return file(t, "recording.har", string(harData(t, all...)))
}

func harData(t testing.TB, all ...exchange) []byte {
	t.Helper()
	var entries []any
	for _, x := range all {
		request := map[string]any{"method": orElse(x.method, "GET"), "url": orElse(x.url, "https://api.example/things/1"), "headers": []any{}}
		if x.sent != "" {
			request["postData"] = map[string]any{"mimeType": "application/json", "text": x.sent}
		}
		if x.status == 0 {
			x.status = 200
		}
		entries = append(entries, map[string]any{"startedDateTime": "2026-01-02T03:04:05.678+02:00", "request": request, "response": map[string]any{
			"status": x.status, "headers": []any{}, "content": map[string]any{"size": len(x.body), "mimeType": orElse(x.media, "application/json"), "text": x.body},
		}})
	}
	data, err := json.Marshal(map[string]any{"log": map[string]any{"entries": entries}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func compare(t testing.TB, spec *drift.Spec, files ...string) *drift.Report {
	t.Helper()
	report, err := spec.Compare(nil, files)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// lines returns the findings as text.
func lines(r *drift.Report) (out []string) {
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s %s: %s", f.Kind, f.In, f.Pointer, f.Seen))
	}
	slices.Sort(out)
	return out
}

func expect(t *testing.T, subject string, got, want []string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n\t%s\nwant\n\t%s", subject, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// sound is a body that has no difference.
const sound = `{"id":"A1","state":"open","amount":"1.50"}`

// with returns the sound body with other members.
func with(members string) string { return strings.TrimSuffix(sound, "}") + "," + members + "}" }

// TestEveryDifferenceIsReported compares one response with the spec for each row.
func TestEveryDifferenceIsReported(t *testing.T) {
	spec := load(t, "things.yaml")
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"sound":                        {sound, nil},
		"unknown member":               {with(`"extra":1`), []string{"unknown-member response /extra: integer"}},
		"unknown members in an array":  {with(`"rows":[{"n":1},{"n":2,"x":null},{"n":3,"x":true}]`), []string{"unknown-member response /rows/[]/x: null"}},
		"several at once":              {`{"state":"HELD","amount":1,"extra":{}}`, []string{"missing-member response /id: absent", "enum-value response /state: HELD", "type response /amount: integer", "unknown-member response /extra: object"}},
		"closed enumeration":           {with(`"kind":"c"`), []string{"enum-value response /kind: c"}},
		"enumeration open by its form": {with(`"color":"green"`), []string{"enum-value response /color: green"}},
		"a value that is not a word":   {`{"id":"A1","state":"jane@shop.example","amount":"1"}`, []string{"enum-value response /state: string of 17 characters"}},
		"a key made of words":          {`{"id":"A1","state":"sk_live_abcdefgh","amount":"1"}`, []string{"enum-value response /state: string of 16 characters"}},
		"null":                         {with(`"note":null,"kind":null`), []string{"null response /kind: null"}},
		"null through a reference":     {with(`"maybe":null`), nil},
		"date-time":                    {with(`"at":"2026-01-02 03:04:05"`), []string{"format response /at: text of the form 9999-99-99 99:99:99"}},
		"date":                         {with(`"day":"02.01.2026"`), []string{"format response /day: text of the form 99.99.9999"}},
		"uri":                          {with(`"link":"shop"`), []string{"format response /link: string of 4 characters"}},
		"email":                        {with(`"email":"Jane <a@b.example>"`), []string{"format response /email: string of 18 characters"}},
		"uuid":                         {with(`"uuid":"1-2"`), []string{"format response /uuid: string of 3 characters"}},
		"pattern":                      {`{"id":"A1","state":"open","amount":"1,50"}`, []string{"format response /amount: string of 4 characters"}},
		"lengths":                      {with(`"note":"123456","code":""`), []string{"format response /code: string of 0 characters", "format response /note: string of 6 characters"}},
		"limits":                       {with(`"count":-1`), []string{"format response /count: a smaller number"}},
		"int32":                        {with(`"count":3000000000`), []string{"format response /count: a larger integer"}},
		"a number for an integer":      {with(`"count":1.5`), []string{"type response /count: number"}},
		"whole numbers are integers":   {with(`"count":2.0`), nil},
		"other members permitted":      {with(`"labels":{"a":"x","b":1}`), []string{"type response /labels/*: integer"}},
		"free objects":                 {with(`"free":{"a":{"b":[1]}}`), nil},
		"none of the alternatives":     {with(`"either":true`), []string{"type response /either: boolean"}},
		"nearest alternative":          {with(`"shape":{"kind":"square","side":"2"}`), []string{"type response /shape/side: string of 1 characters"}},
		"discriminator without a map":  {with(`"shape":{"kind":"hexagon"}`), []string{"enum-value response /shape/kind: hexagon"}},
		"members of several parts":     {with(`"all":{"a":1,"b":2,"c":3}`), []string{"unknown-member response /all/c: integer"}},
		"members of any alternative":   {with(`"any":{"a":1,"b":2,"c":3}`), []string{"unknown-member response /any/c: integer"}},
		"a code in a member":           {with(`"failure":"NO_SUCH_CODE"`), []string{"error-code response /failure: NO_SUCH_CODE"}},
		"an alias of a code":           {with(`"failure":"DECLINED_OLD"`), nil},
		"an array for an object":       {`[]`, []string{"type response : array of 0 items"}},
		"not JSON":                     {`<html>`, []string{"unreadable-body response : 6 bytes that are not JSON"}},
		"empty":                        {``, []string{"unreadable-body response : an empty body"}},
		"recursive":                    {with(`"child":{"child":{"child":{"x":1}}}`), []string{"unknown-member response /child/child/child/x: integer"}},
		"placeholders":                 {`{"id":"redacted-1","state":"redacted-2","amount":"redacted-3"}`, []string{"enum-value response /state: a replaced value", "format response /amount: string of 10 characters"}},
	} {
		expect(t, name, lines(compare(t, spec, har(t, exchange{body: test.body}))), test.want)
	}
}

// TestResponsesAreCompared covers what is not in a body that matches its schema.
func TestResponsesAreCompared(t *testing.T) {
	spec := load(t, "things.yaml")
	for name, test := range map[string]struct {
		exchange
		want []string
	}{
		"undeclared status":            {exchange{status: 202, body: sound}, []string{"undeclared-status response : 202"}},
		"media type":                   {exchange{media: "text/html; charset=utf-8", body: sound}, []string{"content-type response text/html: text/html"}},
		"media type with a difference": {exchange{media: "text/plain", body: with(`"x":1`)}, []string{"content-type response text/plain: text/plain", "unknown-member response /x: integer"}},
		"unknown code":                 {exchange{status: 400, body: `{"code":"NEW_CODE"}`}, []string{"error-code response /code: NEW_CODE"}},
		"code that is not a word":      {exchange{status: 400, body: `{"code":"sk_live_4eC39HqLyjWDarjtT1zdp7dc"}`}, []string{"error-code response /code: string of 32 characters"}},
		"known code":                   {exchange{status: 402, body: `{"code":"DECLINED"}`}, nil},
		"code with another status":     {exchange{status: 400, body: `{"code":"DECLINED"}`}, []string{"error-code-status response /code: DECLINED with 400"}},
		"plain text":                   {exchange{url: "https://api.example/texts", status: 400, media: "text/plain", body: "no such thing"}, nil},
		"plain text, other status":     {exchange{url: "https://api.example/texts", status: 404, media: "text/plain", body: "no such thing"}, []string{"error-code-status response : TEXT_MISSING with 404"}},
		"unknown plain text":           {exchange{url: "https://api.example/texts", status: 400, media: "text/plain", body: "Jane owes 5"}, []string{"error-code response : string of 11 characters"}},
		"unknown path":                 {exchange{url: "https://api.example/other/4111111111111111"}, []string{"unknown-path request /other/{}: GET /other/{}"}},
		"undeclared method":            {exchange{method: "PUT"}, []string{"undeclared-method request /things/{id}: PUT"}},
		"undeclared parameter":         {exchange{url: "https://api.example/things/1?page=2&deep[x]=1", body: sound}, []string{"undeclared-parameter request query:page: present"}},
		"parameter of another type":    {exchange{url: "https://api.example/things/1?limit=many", body: sound}, []string{"type request query:limit: string of 4 characters"}},
		"base path":                    {exchange{url: "https://api.example/v1/things/1", body: sound}, nil},
		"a status without a body":      {exchange{method: "DELETE", status: 204}, nil},
		"a request":                    {exchange{method: "POST", url: "https://api.example/things", sent: `{"id":"A1","name":1,"extra":[]}`, status: 201, body: sound}, []string{"type request /name: integer", "unknown-member request /extra: array"}},
		"a request without readOnly":   {exchange{method: "POST", url: "https://api.example/things", sent: `{"name":"x"}`, status: 201, body: sound}, nil},
		"a request without a member":   {exchange{method: "POST", url: "https://api.example/things", sent: `{"id":"A1"}`, status: 201, body: sound}, []string{"missing-member request /name: absent"}},
	} {
		sample := exchange{body: sound} // so that the host is one of the API
		expect(t, name, lines(compare(t, spec, har(t, sample, test.exchange))), test.want)
	}
}

// TestEqualFindingsAreMerged: a finding has its count and its first entry.
func TestEqualFindingsAreMerged(t *testing.T) {
	spec := load(t, "things.yaml")
	one := har(t, exchange{body: sound}, exchange{body: with(`"x":1`)}, exchange{body: with(`"x":"canary"`)}, exchange{status: 202})
	report := compare(t, spec, one, har(t, exchange{body: with(`"x":2`)}))
	if len(report.Findings) != 2 || report.Findings[0].Count != 3 || report.Entries != 5 || report.Compared != 5 {
		t.Fatalf("got %+v, want 2 findings, the first with count 3, from 5 entries", report)
	}
	want := drift.Evidence{File: "recording.har", Entry: 1, Time: "2026-01-02T03:04:05+02:00"}
	if got := report.Findings[0].First; got != want {
		t.Errorf("first entry: got %+v, want %+v", got, want)
	}
}

// TestUnverifiedMarksAreNotDrift: what the spec marks x-unverified and the recording has
// is reported apart from the differences.
func TestUnverifiedMarksAreNotDrift(t *testing.T) {
	spec := load(t, "things.yaml")
	report := compare(t, spec, har(t, exchange{body: with(`"guess":1`)}, exchange{body: with(`"guess":2`)}, exchange{status: 402, body: `{"code":"DECLINED"}`}))
	if report.Drift() {
		t.Errorf("got the differences %v, want none", lines(report))
	}
	var got []string
	for _, s := range report.Seen {
		got = append(got, fmt.Sprintf("%s %s %d: %s", s.What, s.Place, s.Count, s.Reason))
	}
	expect(t, "marks", slices.Sorted(slices.Values(got)), []string{
		"schema $.components.schemas['Thing'].properties['guess'] 2: one client only",
		"code $.components.schemas['Code']['x-error-catalog']['codes']['DECLINED'] 1: one table only",
	})
}
