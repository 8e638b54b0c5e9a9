package petstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/examples/petstore"
)

// store is a server whose operations return err, or an empty result if err is nil.
type store struct{ err error }

func (s store) ListPets(context.Context, petstore.ListPetsRequestObject) (petstore.ListPetsResponseObject, error) {
	return petstore.ListPets200JSONResponse{}, s.err
}

func (s store) CreatePet(_ context.Context, r petstore.CreatePetRequestObject) (petstore.CreatePetResponseObject, error) {
	return petstore.CreatePet201JSONResponse{Id: "1", Name: r.Body.Name}, s.err
}

func (s store) GetPet(_ context.Context, r petstore.GetPetRequestObject) (petstore.GetPetResponseObject, error) {
	return petstore.GetPet200JSONResponse{Id: r.Id, Name: "Rex"}, s.err
}

func (s store) DeletePet(context.Context, petstore.DeletePetRequestObject) (petstore.DeletePetResponseObject, error) {
	return petstore.DeletePet204Response{}, s.err
}

func (s store) AdoptPet(context.Context, petstore.AdoptPetRequestObject) (petstore.AdoptPetResponseObject, error) {
	return petstore.AdoptPet200JSONResponse{Result: petstore.Result{Status: "S"}}, s.err
}

func (s store) ExportPets(context.Context, petstore.ExportPetsRequestObject) (petstore.ExportPetsResponseObject, error) {
	return petstore.ExportPets200TextcsvResponse{Body: strings.NewReader("id,name\n1,Rex\n")}, s.err
}

func (s store) FindChip(context.Context, petstore.FindChipRequestObject) (petstore.FindChipResponseObject, error) {
	return petstore.FindChip200JSONResponse{Id: "1", Name: "Rex"}, s.err
}

// handler returns the server with the error handlers that an application sets.
func (s store) handler() http.Handler {
	return petstore.HandlerFromMuxWithBaseURL(petstore.NewStrictHandlerWithOptions(s, nil, petstore.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) {
			petstore.WriteError(w, r, petstore.ErrorReply{Code: petstore.ErrPetInvalid, Cause: err})
		},
		ResponseErrorHandlerFunc: petstore.WriteError,
	}), http.NewServeMux(), "/v1")
}

func TestServerWithoutErrors(t *testing.T) {
	for name, call := range operations(t, newClient(t, store{}.handler())) {
		if name == "raw getPet" {
			continue // the server's mux splits its ID at the slash
		}
		if err := call(); err != nil {
			t.Errorf("%s: got error %v, want a success", name, err)
		}
	}
}

func TestCodesReachTheClient(t *testing.T) {
	for _, code := range petstore.ErrorCodes() {
		calls := operations(t, newClient(t, store{fmt.Errorf("hidden: %w", code)}.handler()))
		info, _ := code.Info()
		for _, name := range []string{"listPets", "createPet", "getPet", "deletePet", "adoptPet"} {
			e := apiError(t, calls[name])
			if !errors.Is(e, code) {
				t.Errorf("%s: got %v, want %s", name, e, code)
			}
			if want := info.Statuses[0]; e.StatusCode != want {
				t.Errorf("%s, %s: got status %d, want %d", name, code, e.StatusCode, want)
			}
			if e.Message != info.Title {
				t.Errorf("%s, %s: got message %q, want %q", name, code, e.Message, info.Title)
			}
			if strings.Contains(string(e.RawBody), "hidden") {
				t.Errorf("%s, %s: the body contains the server's own text: %s", name, code, e.RawBody)
			}
		}
	}
	for _, code := range petstore.ChipErrors() {
		e := apiError(t, operations(t, newClient(t, store{code}.handler()))["findChip"])
		if !errors.Is(e, code) {
			t.Errorf("findChip: got %v, want %s", e, code)
		}
		if got := e.Header.Get("Content-Type"); got != "text/plain" {
			t.Errorf("findChip, %s: got Content-Type %q, want text/plain", code, got)
		}
	}
}

// TestParseErrorReadsWriteError writes every code in response to requests of known and unknown operations.
func TestParseErrorReadsWriteError(t *testing.T) {
	var codes []error
	for _, c := range petstore.ErrorCodes() {
		codes = append(codes, c)
	}
	for _, c := range petstore.ChipErrors() {
		codes = append(codes, c)
	}
	for _, path := range []string{"/pets", "/v1/pets/7", "/pets/7/adoption", "/chips/1", "/nowhere"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			for _, code := range codes {
				w := writeError(method, path, code)
				if e, failed := petstore.ParseError(w.Code, w.Header(), w.Body.Bytes()); !failed || !errors.Is(e, code) {
					t.Errorf("%s %s: %v is written as %d %s and read as %v", method, path, code, w.Code, w.Body, e)
				}
			}
		}
	}
}

// writeError returns what WriteError writes in response to a request.
func writeError(method, path string, err error) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Length", "7") // of a body that the handler wanted to write
	petstore.WriteError(w, httptest.NewRequest(method, path, nil), err)
	return w
}

func TestErrorReply(t *testing.T) {
	w := writeError(http.MethodGet, "/pets/7", fmt.Errorf("wrapped: %w", petstore.ErrorReply{
		Code: petstore.ErrorCode("TOO_MANY_CALLS"), Status: 503, Message: `<slow "down">`, Param: "id", RequestID: "r-1",
		RetryAfter: 1500 * time.Millisecond, Cause: errors.New("secret"),
	}))
	if w.Code != 503 {
		t.Errorf("status: got %d, want 503", w.Code)
	}
	sameJSON(t, w.Body.String(), `{"error":{"code":"RATE_LIMITED","doc_url":"https://docs.petstore.example/errors#rate_limited","message":"<slow \"down\">","param":"id"},"request_id":"r-1"}`)
	for name, want := range map[string]string{"Content-Type": "application/json", "Retry-After": "2", "Content-Length": "", "X-Content-Type-Options": "nosniff"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	e, _ := petstore.ParseError(w.Code, w.Header(), w.Body.Bytes())
	if !errors.Is(e, petstore.ErrRateLimited) {
		t.Errorf("read back: got %v, want RATE_LIMITED", e)
	}
	if e.RetryAfter() != 2*time.Second {
		t.Errorf("read back: got RetryAfter %v, want 2s", e.RetryAfter())
	}
	if e.Param != "id" {
		t.Errorf("read back: got Param %q, want %q", e.Param, "id")
	}
}

// sameJSON compares two documents.
func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var gotDoc, wantDoc any
	if err := json.Unmarshal([]byte(got), &gotDoc); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if err := json.Unmarshal([]byte(want), &wantDoc); err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	if !reflect.DeepEqual(gotDoc, wantDoc) {
		t.Errorf("got body %s, want %s", got, want)
	}
}

func TestWriteErrorUsesTheDeclaredEnvelope(t *testing.T) {
	w := writeError(http.MethodPost, "/pets/7/adoption", petstore.ErrAdoptionUncertain)
	if w.Code != 200 {
		t.Errorf("status: got %d, want 200", w.Code)
	}
	if want := `{"result":{"code":"ADOPTION_UNCERTAIN","message":"The shelter has not confirmed the adoption yet","status":"U"}}`; w.Body.String() != want {
		t.Errorf("got body %s, want %s", w.Body, want)
	}
	for message, want := range map[string]string{
		"chip 1 belongs to Ann": "chip 1 belongs to Ann", "registry: down": "chip unknown belongs to unknown", "": "chip unknown belongs to unknown",
	} {
		w := writeError(http.MethodGet, "/chips/1", petstore.ErrorReply{Code: petstore.ChipTaken, Message: message})
		if w.Body.String() != want || w.Code != 409 {
			t.Errorf("message %q: got %d %q, want 409 %q", message, w.Code, w.Body, want)
		}
	}
}

// TestStatusAtWhichTheCodeIsLost requests statuses at which a client would find no code, or another one.
func TestStatusAtWhichTheCodeIsLost(t *testing.T) {
	for _, status := range []int{204, 205, 304} {
		w := writeError(http.MethodPost, "/pets/1/adoption", petstore.ErrorReply{Code: petstore.ErrPetSold, Status: status})
		if w.Code != 409 {
			t.Errorf("status %d, which has no body: got %d, want 409", status, w.Code)
		}
	}
	for _, status := range []int{200, 204, 400, 500} {
		w := writeError(http.MethodGet, "/chips/1", petstore.ErrorReply{Code: petstore.ChipUnknown, Status: status})
		if w.Code != 404 {
			t.Errorf("status %d, at which no text stands for the code: got %d, want 404", status, w.Code)
		}
		if e, _ := petstore.ParseError(w.Code, w.Header(), w.Body.Bytes()); !errors.Is(e, petstore.ChipUnknown) {
			t.Errorf("status %d: %d %q is read as %v, want CHIP_UNKNOWN", status, w.Code, w.Body, e)
		}
	}
}

func TestOtherErrorsAreInternalErrors(t *testing.T) {
	upstream, _ := petstore.ParseError(404, nil, []byte(`{"error":{"code":"PET_NOT_FOUND","message":"secret"}}`))
	for _, err := range []error{
		nil, errors.New("secret"), petstore.ErrorCode("secret"), petstore.ErrorReply{Message: "secret"}, upstream, context.Canceled,
		petstore.ErrorReply{Code: errors.New("secret"), Status: 404, Message: "secret"}, petstore.ErrorReply{Code: petstore.ErrorCode(""), Message: "secret"},
	} {
		w := writeError(http.MethodGet, "/pets/7", err)
		if w.Code != 500 {
			t.Errorf("%v: got status %d, want 500", err, w.Code)
		}
		if e, _ := petstore.ParseError(w.Code, w.Header(), w.Body.Bytes()); !errors.Is(e, petstore.ErrInternal) {
			t.Errorf("%v: the response is read as %v, want INTERNAL", err, e)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: the body contains the error's text: %s", err, w.Body)
		}
	}
}

func TestInvalidStatusBecomes500(t *testing.T) {
	for _, status := range []int{-1, 42, 101, 199, 600, 99999} {
		if w := writeError(http.MethodGet, "/pets/7", petstore.ErrorReply{Code: petstore.ErrNameTaken, Status: status}); w.Code != 500 {
			t.Errorf("status %d: got %d, want 500", status, w.Code)
		}
	}
}

func TestErrorReplyAsAnError(t *testing.T) {
	reply := petstore.ErrorReply{Code: petstore.ErrNameTaken, Cause: context.Canceled}
	for _, target := range []error{petstore.ErrNameTaken, context.Canceled} {
		if !errors.Is(reply, target) {
			t.Errorf("%v does not match %v", reply, target)
		}
	}
	if want := "canceled"; !strings.Contains(reply.Error(), want) {
		t.Errorf("got %q, want a text with %q", reply.Error(), want)
	}
	if (petstore.ErrorReply{}).Error() == "" {
		t.Error("the text of an empty reply is empty")
	}
}

func TestInvalidRequest(t *testing.T) {
	server := httptest.NewServer(store{}.handler())
	defer server.Close()
	resp, err := http.Post(server.URL+"/v1/pets", "application/json", strings.NewReader(`{"name":7}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 422 {
		t.Errorf("status: got %d, want 422", resp.StatusCode)
	}
}

// A handler returns nil and a code or an ErrorReply. WriteError writes the response.
func ExampleWriteError() {
	w := httptest.NewRecorder()
	store{petstore.ErrorReply{Code: petstore.ErrPetNotFound, RequestID: "r-1"}}.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/pets/7", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 404 {"error":{"code":"PET_NOT_FOUND","doc_url":"https://docs.petstore.example/errors#pet_not_found","message":"Pet not found"},"request_id":"r-1"}
}

// The caller gets the message and the fields. The log gets the cause as well.
func ExampleErrorReply() {
	refuse := store{petstore.ErrorReply{
		Code:    petstore.ErrPetInvalid,
		Message: "The name is too long.",
		Fields:  []apierr.FieldError{{Field: "name", Type: "max", Message: "at most 20 letters"}},
		Cause:   errors.New("column name of table pets: 22 > 20"),
	}}
	handler := petstore.Handler(petstore.NewStrictHandlerWithOptions(refuse, nil, petstore.StrictHTTPServerOptions{
		ResponseErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) {
			fmt.Println("log:", err)
			petstore.WriteError(w, r, err)
		},
	}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/pets/7", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// log: petstore: PET_INVALID: A field of the pet is invalid: column name of table pets: 22 > 20
	// 422 {"error":{"code":"PET_INVALID","doc_url":"https://docs.petstore.example/errors#pet_invalid","fields":{"name":{"rule":"max","text":"at most 20 letters"}},"message":"The name is too long."}}
}
