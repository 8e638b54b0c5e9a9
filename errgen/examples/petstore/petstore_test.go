package petstore_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/examples/petstore"
)

// response is a handler that sends the same response to every request.
type response struct {
	status      int
	contentType string
	body        string
}

func (r response) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if r.contentType != "" {
		w.Header().Set("Content-Type", r.contentType)
	}
	w.Header().Set("Set-Cookie", "session=secret")
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, r.body)
}

// newClient starts a server with the handler and returns a client for it. The base URL has a path.
func newClient(t *testing.T, h http.Handler) *petstore.ClientWithResponses {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := petstore.NewClientWithResponses(server.URL+"/v1", petstore.WithHTTPClient(petstore.ErrorDoer(nil)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// operations returns a call of each operation, by operation ID. Two are also called through the client that does not decode
// responses.
func operations(t *testing.T, c *petstore.ClientWithResponses) map[string]func() error {
	ctx := t.Context()
	params := &petstore.AdoptPetParams{IdempotencyKey: "k"}
	raw := c.ClientInterface
	return map[string]func() error{
		"listPets":     func() error { _, err := c.ListPetsWithResponse(ctx); return err },
		"createPet":    func() error { _, err := c.CreatePetWithResponse(ctx, petstore.NewPet{Name: "Rex"}); return err },
		"getPet":       func() error { _, err := c.GetPetWithResponse(ctx, "7"); return err },
		"deletePet":    func() error { _, err := c.DeletePetWithResponse(ctx, "7"); return err },
		"adoptPet":     func() error { _, err := c.AdoptPetWithResponse(ctx, "7", params); return err },
		"exportPets":   func() error { _, err := c.ExportPetsWithResponse(ctx); return err },
		"findChip":     func() error { _, err := c.FindChipWithResponse(ctx, "985/1"); return err },
		"raw getPet":   func() error { return closeBody(raw.GetPet(ctx, "a/b?c")) },
		"raw adoptPet": func() error { return closeBody(raw.AdoptPet(ctx, "7", params)) },
	}
}

// closeBody closes the body of a successful response and returns the error.
func closeBody(resp *http.Response, err error) error {
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

// apiError returns the error of a call that must fail with an *apierr.Error.
func apiError(t *testing.T, call func() error) *apierr.Error {
	t.Helper()
	err := call()
	var e *apierr.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want an *apierr.Error", err, err)
	}
	return e
}

// respondTo calls one operation on a server that sends r, and returns the error.
func respondTo(t *testing.T, operation string, r response) *apierr.Error {
	t.Helper()
	return apiError(t, operations(t, newClient(t, r))[operation])
}

func TestEveryFailureIsTyped(t *testing.T) {
	for _, r := range []response{
		{404, "application/json", `{"error":{"code":"PET_NOT_FOUND"}}`},
		{404, "application/json; charset=utf-8", "\ufeff" + `{"error":{"code":"PET_NOT_FOUND"}}`},
		{404, "text/plain", `{"error":{"code":"PET_NOT_FOUND"}}`},
		{404, "application/json", `{"error":{"code":"PET_NOT_FOUND"},"cut":"he`},
		{400, "application/json", ""}, {500, "application/json", ""}, {502, "text/html", "<html>bad gateway</html>"},
		{401, "text/plain", "who are you?"}, {401, "application/json", "not JSON at all"}, {403, "", ""},
		{500, "application/json", "null"}, {500, "application/json", `[]`}, {500, "application/json", `{"error":[{"code":7}]}`},
		{500, "application/json", `{"error":{"code":{"an":"object"}}}`}, {500, "application/json", "\xff\xfe\x00"}, {429, "application/json", `"text"`},
		{302, "", ""}, {304, "", ""}, {418, "image/png", "\x89PNG"},
	} {
		c := newClient(t, r)
		for name, call := range operations(t, c) {
			e := apiError(t, call)
			if want := strings.TrimPrefix(name, "raw "); e.Operation != want {
				t.Errorf("%s: %v: got operation %q, want %q", name, r, e.Operation, want)
			}
			if e.StatusCode != r.status {
				t.Errorf("%s: %v: got status %d", name, r, e.StatusCode)
			}
			if known := strings.Contains(r.body, "PET_NOT_FOUND") && name != "findChip"; errors.Is(e, petstore.ErrPetNotFound) != known {
				t.Errorf("%s: %v: got code %v; matches PET_NOT_FOUND is %v, want %v", name, r, e.Code, !known, known)
			}
			if string(e.RawBody) != r.body && r.status != 304 {
				t.Errorf("%s: %v: got RawBody %q", name, r, e.RawBody)
			}
			if e.Truncated {
				t.Errorf("%s: %v: Truncated is true", name, r)
			}
			if got := e.Header.Get("Set-Cookie"); got != "" {
				t.Errorf("%s: %v: the error keeps the cookie %q", name, r, got)
			}
		}
	}
}

func TestOutcome(t *testing.T) {
	for _, tt := range []struct {
		response
		operation string
		outcome   apierr.Outcome
		advice    apierr.Advice
		category  apierr.Category
	}{
		{response{500, "", ""}, "getPet", apierr.OutcomeNotApplied, apierr.AdviceBackoff, apierr.ErrUnavailable},
		{response{500, "", ""}, "createPet", apierr.OutcomeUnknown, apierr.AdviceInquire, apierr.ErrOutcomeUnknown},
		{response{500, "", ""}, "adoptPet", apierr.OutcomeUnknown, apierr.AdviceBackoff, apierr.ErrOutcomeUnknown},
		{response{400, "", ""}, "createPet", apierr.OutcomeNotApplied, apierr.AdviceChange, apierr.ErrInvalidRequest},
		{response{408, "", ""}, "createPet", apierr.OutcomeUnknown, apierr.AdviceInquire, apierr.ErrOutcomeUnknown},
		{response{409, "", `{"error":{"code":"PET_SOLD"}}`}, "deletePet", apierr.OutcomeNotApplied, apierr.AdviceNever, apierr.ErrConflict},
		{response{429, "", `{"error":{"code":"TOO_MANY_CALLS"}}`}, "createPet", apierr.OutcomeNotApplied, apierr.AdviceBackoff, apierr.ErrRateLimited},
		{response{503, "", `{"error":{"code":"RATE_LIMITED"}}`}, "getPet", apierr.OutcomeNotApplied, apierr.AdviceInquire, apierr.ErrRateLimited},
		{response{200, "application/json", `{"result":{"status":"U","code":"ADOPTION_UNCERTAIN"}}`}, "adoptPet", apierr.OutcomeUnknown, apierr.AdviceInquire, apierr.ErrOutcomeUnknown},
		{response{200, "application/json", `{"result":{"status":"F","code":"HOME_REFUSED"}}`}, "adoptPet", apierr.OutcomeNotApplied, apierr.AdviceChange, apierr.ErrDeclined},
		{response{200, "application/json", `{"result":{"status":"F"}}`}, "adoptPet", apierr.OutcomeNotApplied, apierr.AdviceNever, apierr.ErrProvider},
		{response{200, "application/json", `{"result":{"status":"NEW"}}`}, "adoptPet", apierr.OutcomeUnknown, apierr.AdviceBackoff, apierr.ErrOutcomeUnknown},
		{response{200, "application/json", ``}, "getPet", apierr.OutcomeNotApplied, apierr.AdviceNever, apierr.ErrProvider},
		{response{201, "application/json", ``}, "createPet", apierr.OutcomeUnknown, apierr.AdviceInquire, apierr.ErrOutcomeUnknown},
	} {
		e := respondTo(t, tt.operation, tt.response)
		if got := e.Outcome(); got != tt.outcome {
			t.Errorf("%s, %d %s: got outcome %s, want %s", tt.operation, tt.status, tt.body, got, tt.outcome)
		}
		if got := e.Advice(); got != tt.advice {
			t.Errorf("%s, %d %s: got advice %s, want %s", tt.operation, tt.status, tt.body, got, tt.advice)
		}
		if got := e.Category(); got != tt.category {
			t.Errorf("%s, %d %s: got category %s, want %s", tt.operation, tt.status, tt.body, string(got), string(tt.category))
		}
		if got, want := e.Advice().Retryable(), tt.advice == apierr.AdviceBackoff; got != want {
			t.Errorf("%s, %d %s: got Retryable %v, want %v", tt.operation, tt.status, tt.body, got, want)
		}
		if !errors.Is(e, tt.category) {
			t.Errorf("%s, %d %s: errors.Is does not match the category %s", tt.operation, tt.status, tt.body, string(tt.category))
		}
		if errors.Is(e, apierr.ErrUnknown) {
			t.Errorf("%s, %d %s: errors.Is matches ErrUnknown", tt.operation, tt.status, tt.body)
		}
		if e.Description() == "" {
			t.Errorf("%s, %d %s: Description is empty", tt.operation, tt.status, tt.body)
		}
		if e.Resolution() == "" {
			t.Errorf("%s, %d %s: Resolution is empty", tt.operation, tt.status, tt.body)
		}
	}
}

// TestKeyedOperationWithoutItsKey: without the idempotency key, a retry could adopt the pet twice.
func TestKeyedOperationWithoutItsKey(t *testing.T) {
	c := newClient(t, response{500, "", ""})
	for key, want := range map[string]apierr.Advice{"k": apierr.AdviceBackoff, "": apierr.AdviceInquire} {
		e := apiError(t, func() error {
			_, err := c.AdoptPetWithResponse(t.Context(), "7", &petstore.AdoptPetParams{IdempotencyKey: key})
			return err
		})
		if got := e.Advice(); got != want {
			t.Errorf("idempotency key %q: got advice %s, want %s", key, got, want)
		}
	}
}

func TestFailureInside2xx(t *testing.T) {
	e := respondTo(t, "getPet", response{200, "application/json", `{"error":{"code":"PET_NOT_FOUND","message":"gone"},"request_id":"r-1"}`})
	if !errors.Is(e, petstore.ErrPetNotFound) {
		t.Errorf("got %v, want PET_NOT_FOUND", e)
	}
	if e.Message != "gone" {
		t.Errorf("Message: got %q, want %q", e.Message, "gone")
	}
	if e.RequestID != "r-1" {
		t.Errorf("RequestID: got %q, want %q", e.RequestID, "r-1")
	}
	if e.StatusCode != 200 {
		t.Errorf("StatusCode: got %d, want 200", e.StatusCode)
	}
	for _, body := range []string{`{"id":"1","name":"error code"}`, `{"id":"1","name":"x","error":{"code":""}}`, `{"id":"1","name":"x","error":null}`} {
		if err := operations(t, newClient(t, response{200, "application/json", body}))["getPet"](); err != nil {
			t.Errorf("%s: got error %v, want a success", body, err)
		}
	}
}

func TestUnreadableSuccess(t *testing.T) {
	for _, r := range []response{
		{200, "application/json", ""}, {200, "application/json", " \n"}, {200, "text/html", "<html>log in</html>"}, {200, "", "OK"},
		{200, "application/json", `{"id":"1","na`}, {200, "application/json", `{"id":"1"} {"id":"2"}`}, {200, "application/json", "\ufeff"},
	} {
		e := respondTo(t, "getPet", r)
		if e.StatusCode != 200 {
			t.Errorf("%v: got status %d, want 200", r, e.StatusCode)
		}
		if e.Unwrap() == nil {
			t.Errorf("%v: the error %v has no cause", r, e)
		}
		if want := strings.TrimPrefix(r.body, "\ufeff"); string(e.RawBody) != want {
			t.Errorf("%v: got RawBody %q, want %q", r, e.RawBody, want)
		}
		if !errors.Is(e, apierr.ErrProvider) {
			t.Errorf("%v: got category %s, want provider", r, string(e.Category()))
		}
	}
}

func TestSuccess(t *testing.T) {
	const pet = `{"id":"1","name":"Rex"}`
	for _, r := range []response{
		{200, "application/json", pet}, {200, "application/json;charset=utf-8", "\ufeff" + pet}, {200, "text/plain", pet}, {200, "", pet},
		{200, "application/hal+json", pet},
	} {
		got, err := newClient(t, r).GetPetWithResponse(t.Context(), "1")
		if err != nil || got.JSON200 == nil || got.JSON200.Name != "Rex" {
			t.Errorf("%v: got %+v, %v; want the pet Rex", r, got, err)
		}
	}
	if got, err := newClient(t, response{204, "application/json", ""}).DeletePetWithResponse(t.Context(), "1"); err != nil || got.StatusCode() != 204 {
		t.Errorf("204 without a body: got error %v", err)
	}
	if got, err := newClient(t, response{202, "text/plain", "later"}).GetPetWithResponse(t.Context(), "1"); err != nil || string(got.Body) != "later" {
		t.Errorf("a success that the spec does not declare: got %v, want the body unchanged", err)
	}
}

func TestTextErrors(t *testing.T) {
	for _, tt := range []struct {
		response
		code     petstore.ChipError
		captures map[string]string
	}{
		{response{404, "application/json", "\ufeffno such chip\n"}, petstore.ChipUnknown, nil},
		{response{409, "text/plain", "chip 985-1 belongs to the zoo"}, petstore.ChipTaken, map[string]string{"chip": "985-1", "owner": "the zoo"}},
		{response{502, "text/plain", "registry: down"}, petstore.ChipRegistryFailed, map[string]string{"said": "down"}},
		{response{400, "text/plain", "no such chip"}, petstore.ChipRegistryOdd, nil},
		{response{500, "text/plain", ""}, petstore.ChipRegistryOdd, nil},
	} {
		e := respondTo(t, "findChip", tt.response)
		if !errors.Is(e, tt.code) {
			t.Errorf("%v: got code %v, want %v", tt.response, e.Code, tt.code)
		}
		if e.RawCode != string(tt.code) {
			t.Errorf("%v: got RawCode %q, want %q", tt.response, e.RawCode, string(tt.code))
		}
		if !maps.Equal(e.Captures, tt.captures) {
			t.Errorf("%v: got captures %q, want %q", tt.response, e.Captures, tt.captures)
		}
		if got := petstore.CodeOf(e); got != "" {
			t.Errorf("%v: CodeOf returns %q, which is not a code of its catalog", tt.response, got)
		}
	}
}

func TestErrorKeepsTheResponsesDetails(t *testing.T) {
	body := `{"request_id":"r-7","error":{"code":"PET_INVALID","message":"no","param":"name","doc_url":"https://evil.example/x",
		"fields":{"name":{"rule":"short","text":"too short"},"age":{"rule":7},"odd":null}}}`
	e := respondTo(t, "createPet", response{422, "application/json", body})
	for _, field := range []struct{ name, got, want string }{
		{"Param", e.Param, "name"},
		{"Message", e.Message, "no"},
		{"RequestID", e.RequestID, "r-7"},
		{"DocURL", e.DocURL(), "https://docs.petstore.example/errors#pet_invalid"},
		{"CodeOf", string(petstore.CodeOf(e)), string(petstore.ErrPetInvalid)},
	} {
		if field.got != field.want {
			t.Errorf("%s: got %q, want %q", field.name, field.got, field.want)
		}
	}
	if want := []apierr.FieldError{{Field: "age"}, {Field: "name", Type: "short", Message: "too short"}, {Field: "odd"}}; !slices.Equal(e.Fields, want) {
		t.Errorf("Fields: got %v, want %v", e.Fields, want)
	}
	if !e.Known() {
		t.Errorf("%v: Known returns false", e)
	}
}

func TestUnknownCode(t *testing.T) {
	e := respondTo(t, "createPet", response{400, "application/json", `{"error":{"code":"brand new\n","doc_url":"https://docs.petstore.example/errors#new"}}`})
	if e.Known() {
		t.Errorf("%v: Known returns true", e)
	}
	if e.RawCode != "brand new\n" {
		t.Errorf("RawCode: got %q, want the code as received", e.RawCode)
	}
	if got := petstore.CodeOf(e); got != "brand new\n" {
		t.Errorf("CodeOf: got %q, want the code as received", got)
	}
	if got, want := e.DocURL(), "https://docs.petstore.example/errors#new"; got != want {
		t.Errorf("DocURL: got %q, want %q", got, want)
	}
}

func TestCustomerMessage(t *testing.T) {
	sold := &apierr.Error{Code: petstore.ErrPetSold, StatusCode: 409}
	for lang, want := range map[string]string{"de-AT": "Dieses Tier wurde bereits adoptiert.", "fr": "This pet has already been adopted."} {
		if got := sold.CustomerMessage(lang); got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"2": 2 * time.Second, "1.5": 1500 * time.Millisecond, "-1": 0, "soon": 0, "NaN": 0, "": 0, "1e300": 1e9 * time.Second,
		"Fri, 01 Jan 2027 00:00:30 GMT": 30 * time.Second, "Thu, 31 Dec 2026 00:00:00 GMT": 0,
	} {
		header := http.Header{"Retry-After": {value}, "Date": {"Fri, 01 Jan 2027 00:00:00 GMT"}}
		e, failed := petstore.ParseError(429, header, nil)
		if !failed {
			t.Errorf("Retry-After %q: the response is read as a success", value)
			continue
		}
		if got := e.RetryAfter(); got != want {
			t.Errorf("Retry-After %q: got %v, want %v", value, got, want)
		}
	}
}
