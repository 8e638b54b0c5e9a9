package petstore_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/examples/petstore"
)

// answer is what a test's server says to everything.
type answer struct {
	status      int
	contentType string
	body        string
}

func (a answer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	w.Header().Set("Set-Cookie", "session=secret")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// client talks to a handler the way the README says, under a base URL with a path of its own.
func client(t *testing.T, h http.Handler) *petstore.ClientWithResponses {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := petstore.NewClientWithResponses(server.URL+"/v1", petstore.WithHTTPClient(petstore.ErrorDoer(nil)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// calls are the operations, through both faces of the client.
func calls(t *testing.T, c *petstore.ClientWithResponses) map[string]func() error {
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
		"raw getPet":   func() error { return closed(raw.GetPet(ctx, "a/b?c")) },
		"raw adoptPet": func() error { return closed(raw.AdoptPet(ctx, "7", params)) },
	}
}

func closed(resp *http.Response, err error) error {
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

// failure calls one operation and returns its error, which has to be there and to be typed.
func failure(t *testing.T, call func() error) *apierr.Error {
	t.Helper()
	err := call()
	var e *apierr.Error
	if !errors.As(err, &e) {
		t.Fatalf("want an *APIError, got %T %v", err, err)
	}
	return e
}

func TestEveryRefusalIsTyped(t *testing.T) {
	for _, a := range []answer{
		{404, "application/json", `{"error":{"code":"PET_NOT_FOUND"}}`},
		{404, "application/json; charset=utf-8", "\ufeff" + `{"error":{"code":"PET_NOT_FOUND"}}`},
		{404, "text/plain", `{"error":{"code":"PET_NOT_FOUND"}}`},
		{404, "application/json", `{"error":{"code":"PET_NOT_FOUND"},"cut":"he`},
		{400, "application/json", ""}, {500, "application/json", ""}, {502, "text/html", "<html>bad gateway</html>"},
		{401, "text/plain", "who are you?"}, {401, "application/json", "no JSON at all"}, {403, "", ""},
		{500, "application/json", "null"}, {500, "application/json", `[]`}, {500, "application/json", `{"error":[{"code":7}]}`},
		{500, "application/json", `{"error":{"code":{"no":"text"}}}`}, {500, "application/json", "\xff\xfe\x00"}, {429, "application/json", `"text"`},
		{302, "", ""}, {304, "", ""}, {418, "image/png", "\x89PNG"},
	} {
		c := client(t, a)
		for name, call := range calls(t, c) {
			e := failure(t, call)
			if want := strings.TrimPrefix(name, "raw "); e.Operation != want || e.StatusCode != a.status {
				t.Errorf("%s: %v: operation %q, status %d", name, a, e.Operation, e.StatusCode)
			}
			if known := strings.Contains(a.body, "PET_NOT_FOUND") && name != "findChip"; errors.Is(e, petstore.ErrPetNotFound) != known {
				t.Errorf("%s: %v: code %v", name, a, e.Code)
			}
			if string(e.RawBody) != a.body && a.status != 304 || e.Truncated || e.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %v: body %q, header %v", name, a, e.RawBody, e.Header)
			}
		}
	}
}

func TestOutcome(t *testing.T) {
	for _, test := range []struct {
		answer
		call    string
		outcome apierr.Outcome
		advice  apierr.Advice
		class   apierr.Category
	}{
		{answer{500, "", ""}, "getPet", apierr.OutcomeNotApplied, apierr.AdviceBackoff, apierr.ErrUnavailable},
		{answer{500, "", ""}, "createPet", apierr.OutcomeUnknown, apierr.AdviceInquire, apierr.ErrOutcomeUnknown},
		{answer{500, "", ""}, "adoptPet", apierr.OutcomeUnknown, apierr.AdviceBackoff, apierr.ErrOutcomeUnknown},
		{answer{400, "", ""}, "createPet", apierr.OutcomeNotApplied, apierr.AdviceChange, apierr.ErrInvalidRequest},
		{answer{408, "", ""}, "createPet", apierr.OutcomeUnknown, apierr.AdviceInquire, apierr.ErrOutcomeUnknown},
		{answer{409, "", `{"error":{"code":"PET_SOLD"}}`}, "deletePet", apierr.OutcomeNotApplied, apierr.AdviceNever, apierr.ErrConflict},
		{answer{429, "", `{"error":{"code":"TOO_MANY_CALLS"}}`}, "createPet", apierr.OutcomeNotApplied, apierr.AdviceBackoff, apierr.ErrRateLimited},
		{answer{503, "", `{"error":{"code":"RATE_LIMITED"}}`}, "getPet", apierr.OutcomeNotApplied, apierr.AdviceInquire, apierr.ErrRateLimited},
		{answer{200, "application/json", `{"result":{"status":"U","code":"ADOPTION_UNCERTAIN"}}`}, "adoptPet", apierr.OutcomeUnknown, apierr.AdviceInquire, apierr.ErrOutcomeUnknown},
		{answer{200, "application/json", `{"result":{"status":"F","code":"HOME_REFUSED"}}`}, "adoptPet", apierr.OutcomeNotApplied, apierr.AdviceChange, apierr.ErrDeclined},
		{answer{200, "application/json", `{"result":{"status":"F"}}`}, "adoptPet", apierr.OutcomeNotApplied, apierr.AdviceNever, apierr.ErrProvider},
		{answer{200, "application/json", `{"result":{"status":"NEW"}}`}, "adoptPet", apierr.OutcomeUnknown, apierr.AdviceBackoff, apierr.ErrOutcomeUnknown},
		{answer{200, "application/json", ``}, "getPet", apierr.OutcomeNotApplied, apierr.AdviceNever, apierr.ErrProvider},
		{answer{201, "application/json", ``}, "createPet", apierr.OutcomeUnknown, apierr.AdviceInquire, apierr.ErrOutcomeUnknown},
	} {
		e := failure(t, calls(t, client(t, test.answer))[test.call])
		if e.Outcome() != test.outcome || e.Advice() != test.advice || e.Category() != test.class {
			t.Errorf("%s, %d %s: %s, %s, %s", test.call, test.status, test.body, e.Outcome(), e.Advice(), e.Category())
		}
		if e.Advice().Retryable() != (test.advice == apierr.AdviceBackoff) || !errors.Is(e, test.class) || errors.Is(e, apierr.ErrUnknown) {
			t.Errorf("%s, %d %s: retryable %v, or the class does not match itself", test.call, test.status, test.body, e.Advice().Retryable())
		}
		if e.Description() == "" || e.Resolution() == "" {
			t.Errorf("%s, %d: nothing is said about it", test.call, test.status)
		}
	}
}

func TestFailureInsideASuccess(t *testing.T) {
	hidden := answer{200, "application/json", `{"error":{"code":"PET_NOT_FOUND","message":"gone"},"request_id":"r-1"}`}
	e := failure(t, calls(t, client(t, hidden))["getPet"])
	if !errors.Is(e, petstore.ErrPetNotFound) || e.Message != "gone" || e.RequestID != "r-1" || e.StatusCode != 200 {
		t.Errorf("%+v", e)
	}
	for _, body := range []string{`{"id":"1","name":"error code"}`, `{"id":"1","name":"x","error":{"code":""}}`, `{"id":"1","name":"x","error":null}`} {
		if err := calls(t, client(t, answer{200, "application/json", body}))["getPet"](); err != nil {
			t.Errorf("%s is a pet: %v", body, err)
		}
	}
}

func TestUnbelievableSuccess(t *testing.T) {
	for _, a := range []answer{
		{200, "application/json", ""}, {200, "application/json", " \n"}, {200, "text/html", "<html>log in</html>"}, {200, "", "OK"},
		{200, "application/json", `{"id":"1","na`}, {200, "application/json", `{"id":"1"} {"id":"2"}`}, {200, "application/json", "\ufeff"},
	} {
		e := failure(t, calls(t, client(t, a))["getPet"])
		if e.StatusCode != 200 || e.Unwrap() == nil || string(e.RawBody) != strings.TrimPrefix(a.body, "\ufeff") || !errors.Is(e, apierr.ErrProvider) {
			t.Errorf("%v: %v, cause %v, body %q", a, e, e.Unwrap(), e.RawBody)
		}
	}
}

func TestSuccess(t *testing.T) {
	const pet = `{"id":"1","name":"Rex"}`
	for _, a := range []answer{
		{200, "application/json", pet}, {200, "application/json;charset=utf-8", "\ufeff" + pet}, {200, "text/plain", pet}, {200, "", pet},
		{200, "application/hal+json", pet},
	} {
		got, err := client(t, a).GetPetWithResponse(t.Context(), "1")
		if err != nil || got.JSON200 == nil || got.JSON200.Name != "Rex" {
			t.Errorf("%v: %v", a, err)
		}
	}
	if got, err := client(t, answer{204, "application/json", ""}).DeletePetWithResponse(t.Context(), "1"); err != nil || got.StatusCode() != 204 {
		t.Errorf("an answer without a body: %v", err)
	}
	if got, err := client(t, answer{202, "text/plain", "later"}).GetPetWithResponse(t.Context(), "1"); err != nil || string(got.Body) != "later" {
		t.Errorf("a success that the spec does not declare is left alone: %v", err)
	}
}

func TestTextErrors(t *testing.T) {
	for _, test := range []struct {
		answer
		code     petstore.ChipError
		captures map[string]string
	}{
		{answer{404, "application/json", "\ufeffno such chip\n"}, petstore.ChipUnknown, nil},
		{answer{409, "text/plain", "chip 985-1 belongs to the zoo"}, petstore.ChipTaken, map[string]string{"chip": "985-1", "owner": "the zoo"}},
		{answer{502, "text/plain", "registry: down"}, petstore.ChipRegistryFailed, map[string]string{"said": "down"}},
		{answer{400, "text/plain", "no such chip"}, petstore.ChipRegistryOdd, nil},
		{answer{500, "text/plain", ""}, petstore.ChipRegistryOdd, nil},
	} {
		e := failure(t, calls(t, client(t, test.answer))["findChip"])
		if !errors.Is(e, test.code) || e.RawCode != string(test.code) || len(e.Captures) != len(test.captures) {
			t.Errorf("%v: %v %v", test.answer, e.Code, e.Captures)
		}
		for name, want := range test.captures {
			if e.Captures[name] != want {
				t.Errorf("%v: %s is %q, want %q", test.answer, name, e.Captures[name], want)
			}
		}
		if petstore.CodeOf(e) != "" {
			t.Errorf("%v: CodeOf mixes catalogs", test.answer)
		}
	}
}

func TestFacts(t *testing.T) {
	body := `{"request_id":"r-7","error":{"code":"PET_INVALID","message":"no","param":"name","doc_url":"https://evil.example/x",
		"fields":{"name":{"rule":"short","text":"too short"},"age":{"rule":7},"odd":null}}}`
	e := failure(t, calls(t, client(t, answer{422, "application/json", body}))["createPet"])
	want := []apierr.FieldError{{Field: "age"}, {Field: "name", Type: "short", Message: "too short"}, {Field: "odd"}}
	if e.Param != "name" || e.Message != "no" || e.RequestID != "r-7" || !slices.Equal(e.Fields, want) || !e.Known() {
		t.Errorf("%#v: %v", e, e.Fields)
	}
	if e.DocURL() != "https://docs.petstore.example/errors#pet_invalid" || petstore.CodeOf(e) != petstore.ErrPetInvalid {
		t.Errorf("%s %s", e.DocURL(), petstore.CodeOf(e))
	}
	odd := `{"error":{"code":"brand new\n","doc_url":"https://docs.petstore.example/errors#new"}}`
	e = failure(t, calls(t, client(t, answer{400, "application/json", odd}))["createPet"])
	if e.Known() || e.RawCode != "brand new\n" || petstore.CodeOf(e) != "brand new\n" || e.DocURL() != "https://docs.petstore.example/errors#new" {
		t.Errorf("an unknown code: %v %q %s", e, e.RawCode, e.DocURL())
	}
	sold := &apierr.Error{Code: petstore.ErrPetSold, StatusCode: 409}
	if sold.CustomerMessage("de-AT") != "Dieses Tier hat schon ein Zuhause." || sold.CustomerMessage("fr") != "This pet has found a home already." {
		t.Errorf("%q", sold.CustomerMessage("de-AT"))
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"2": 2 * time.Second, "1.5": 1500 * time.Millisecond, "-1": 0, "soon": 0, "NaN": 0, "": 0, "1e300": 1e9 * time.Second,
		"Fri, 01 Jan 2027 00:00:30 GMT": 30 * time.Second, "Thu, 31 Dec 2026 00:00:00 GMT": 0,
	} {
		header := http.Header{"Retry-After": {value}, "Date": {"Fri, 01 Jan 2027 00:00:00 GMT"}}
		e, failed := petstore.ParseError(429, header, nil)
		if !failed || e.RetryAfter() != want {
			t.Errorf("%q: %v, want %v", value, e.RetryAfter(), want)
		}
	}
}
