package clientcontract

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/record"
)

// plantable are values that no recording may contain, and what is searched for.
var plantable = []string{
	"4242424242424242", "+97699112233", "canary.person@mail.example", "Canary Batbold", "sk_live_canary9f8a7b6c5d", "https://shop.example/paid?secret=canary-url-9",
	base64.StdEncoding.EncodeToString([]byte("canary 4242424242424242")), `{"card":"4242424242424242","name":"Canary"}`, "2026-01-02T03:04:05.4242424242424242Z", "CANARY_9112233_ID",
	"1985-04-12",
}

var planted = []string{"4242424242424242", "99112233", "canary", "Canary", "CANARY", "Batbold", "1985"}

// recordingsHoldNoPlantedData fills every place of every request and response of the
// spec with data that must not be recorded.
func recordingsHoldNoPlantedData(t *testing.T, s harness.Suite) {
	doc := specmodel.Load(t, s.Spec).T
	var response []byte
	status := 200
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for _, name := range []string{"Set-Cookie", "Signature", "Location", "X-Request-Id", "Request-Id", "X-New", "Client-Id", "Response-Time", "Retry-After", "Content-Language"} {
			w.Header().Set(name, plantable[4]+"="+plantable[0])
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
			z := gzip.NewWriter(w)
			_, _ = z.Write(response)
			_ = z.Close()
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write(response)
	}))
	t.Cleanup(srv.Close)
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	rec := harness.NewRecorder(t, s.Spec, tr)
	k, sent := specmodel.Maker{}, 0
	specmodel.EachOperation(doc, func(method, path string, op *openapi3.Operation) {
		if slices.Contains(op.Tags, "inbound") {
			return
		}
		for round := range sample.Count(len(plantable), 3) {
			for _, code := range slices.Sorted(maps.Keys(op.Responses.Map())) {
				sent++
				response = planting(k, op.Responses.Value(code).Value.Content, round+sent)
				if status = 400; code[0] == '2' {
					_, _ = fmt.Sscan(code, &status)
				}
				send(t, rec, srv.URL, plantedRequest(t, k, method, path, op, round+sent))
			}
		}
	})
	text := string(harness.HAR(t, rec))
	if strings.Count(text, `"startedDateTime"`) != sent {
		t.Fatalf("%d of %d requests were recorded", strings.Count(text, `"startedDateTime"`), sent)
	}
	if n := strings.Count(text, "it is text") + strings.Count(text, "JSON document"); n > 0 {
		t.Errorf("%d bodies were not recorded, so nothing was tested with them", n)
	}
	findNone(t, text, planted)
}

func findNone(t *testing.T, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		for _, form := range harness.EncodedForms(secret) {
			if i := strings.Index(text, form); i >= 0 && len(form) > 3 {
				t.Errorf("the recording contains %q: ...%.300q", secret, text[max(0, i-200):])
			}
		}
	}
}

// planting returns a body with every member of its schema and more, and data in each.
func planting(k specmodel.Maker, content openapi3.Content, n int) []byte {
	for _, media := range content {
		if media.Schema == nil {
			continue
		}
		return specmodel.Encode(plant(k.Instance(media.Schema.Value, 8), &n))
	}
	return nil
}

func plant(v any, n *int) any {
	*n++
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			v[name] = plant(value, n)
		}
		more := maps.Clone(v)
		more["brand_new"], more["brandNewNumber"], more[plantable[*n%len(plantable)]] = plantable[0], json.Number("4242424242424242"), plantable[3]
		more["nested"] = map[string]any{"list": []any{plantable[2], json.Number("99112233"), map[string]any{"phone": plantable[1]}}}
		return more
	case []any:
		out := []any{}
		for _, item := range v {
			out = append(out, plant(item, n))
		}
		return append(out, plantable[*n%len(plantable)])
	case float64, json.Number, int, int64, uint64:
		return json.Number("4242424242424242")
	case string:
		return plantable[*n%len(plantable)]
	}
	return v
}

func plantedRequest(t *testing.T, k specmodel.Maker, method, path string, op *openapi3.Operation, n int) *http.Request {
	t.Helper()
	next := func() string { n++; return plantable[n%len(plantable)] }
	for strings.Contains(path, "{") {
		before, after, _ := strings.Cut(path, "{")
		_, after, _ = strings.Cut(after, "}")
		path = before + strings.ReplaceAll(url.PathEscape(next()), "%2F", "-") + after
	}
	query := url.Values{"brand_new": {next()}, next(): {next()}}
	header := http.Header{"Authorization": {"Bearer " + plantable[4]}, "Cookie": {"a=" + plantable[4]}, "X-PAY-Key": {plantable[4]}, "X-PAY-Signature": {plantable[4]}, "Signature": {"algorithm=RSA256, signature=" + plantable[4]}, "idempotency-key": {plantable[4]}}
	for _, p := range op.Parameters {
		switch p.Value.In {
		case "query":
			query.Add(p.Value.Name, next())
		case "header":
			header[p.Value.Name] = []string{plantable[0]}
		}
	}
	var body io.Reader
	if op.RequestBody != nil {
		body = bytes.NewReader(planting(k, op.RequestBody.Value.Content, n))
		header.Set("Content-Type", "application/json")
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+path+"?"+query.Encode(), body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	if n%2 == 0 {
		r.Header.Set("Accept-Encoding", "gzip") // net/http then leaves the body compressed
	}
	return r
}

func send(t *testing.T, rt http.RoundTripper, base string, r *http.Request) {
	t.Helper()
	r.URL.Host, r.URL.User = strings.TrimPrefix(base, "http://"), url.UserPassword(plantable[4], plantable[0])
	resp, err := rt.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

// recordingsReplayAlike records every call of the client against the sandbox, replays it
// and records that. The second recording shows what the client sent and received.
func recordingsReplayAlike(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	rec := harness.NewRecorder(t, s.Spec, tr)
	fast := pay.WithRandom(faulthttp.FastJitter{})
	first := everyCall(t, e.Connect(t, e.Sandbox.URL, pay.WithTransport(rec), fast))
	recording := string(harness.HAR(t, rec))
	e.CheckSecrets(t, recording)

	var opts []record.ReplayOption
	if e.Sandbox.Genuine != nil {
		opts = append(opts, record.WithSigner(func(r *http.Request, header http.Header, body []byte) {
			w := httptest.NewRecorder()
			e.Sandbox.Genuine(faulthttp.Respond(200, "application/json", string(body))).ServeHTTP(w, r)
			maps.Copy(header, w.Header())
		}))
	}
	spec, err := os.ReadFile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	player, err := record.Replay(spec, []byte(recording), opts...)
	if err != nil {
		t.Fatal(err)
	}
	again := harness.NewRecorder(t, s.Spec, player)
	second := everyCall(t, e.Connect(t, e.Sandbox.URL, pay.WithTransport(again), fast))
	for i := range first {
		if first[i] != second[i] {
			t.Errorf("call %d: replayed %s, recorded %s", i+1, second[i], first[i])
		}
	}
	if left := player.Unused(); len(left) > 0 {
		t.Errorf("not replayed: %v", left)
	}
	compareRecordings(t, recording, string(harness.HAR(t, again)))
}

// everyCall makes each call of the client once and describes what it returned.
func everyCall(t *testing.T, a harness.Account) (all []string) {
	t.Helper()
	note := func(err error) {
		text := "success"
		if got, ok := errors.AsType[*apierr.Error](err); ok {
			text = fmt.Sprint(got.Operation, got.StatusCode, got.Code, got.RawCode, got.Outcome(), got.Attempts)
		}
		all = append(all, text)
	}
	note(a.Read(t.Context()))
	note(a.Write(t.Context()))
	note(a.ReadID(t.Context(), a.UnknownID))
	v := reflect.ValueOf(a.Client)
	for i := range v.NumMethod() {
		kind := v.Type().Method(i).Type
		if n := kind.NumIn(); n < 2 || !kind.IsVariadic() || kind.In(n-1) != reflect.TypeFor[[]pay.CallOption]() || kind.NumOut() == 0 || kind.Out(kind.NumOut()-1) != reflect.TypeFor[error]() || kind.In(1) != reflect.TypeFor[context.Context]() {
			continue
		}
		_, err := harness.Invoke(t.Context(), v.Method(i), nil)
		note(err)
	}
	return all
}

type message struct {
	Request struct {
		Method, URL string
		PostData    struct{ Text string }
	}
	Response struct {
		Status  int
		Content struct{ MimeType, Text string }
	}
	OperationID string            `json:"_operationId"`
	NotRecorded map[string]string `json:"_notRecorded"`
	Error       string            `json:"_error"`
}

func compareRecordings(t *testing.T, recorded, replayed string) {
	t.Helper()
	var lists [2][]message
	for i, text := range []string{recorded, replayed} {
		var har struct{ Log struct{ Entries []message } }
		if err := json.Unmarshal([]byte(text), &har); err != nil {
			t.Fatal(err)
		}
		lists[i] = har.Log.Entries
	}
	if len(lists[0]) < 5 || len(lists[0]) != len(lists[1]) {
		t.Fatalf("%d requests were recorded and %d replayed, want the same, and at least 5", len(lists[0]), len(lists[1]))
	}
	for i, was := range lists[0] {
		if is := lists[1][i]; fmt.Sprint(was) != fmt.Sprint(is) {
			t.Errorf("entry %d: replayed\n%.1500s\nrecorded\n%.1500s", i+1, fmt.Sprint(is), fmt.Sprint(was))
		}
		if len(was.NotRecorded) > 0 {
			t.Errorf("entry %d: not recorded: %v", i+1, was.NotRecorded)
		}
	}
}
