package harness

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// named is the operation that a request is for.
func (st *Driver) Named(r *http.Request) *Operation {
	for _, c := range st.Calls {
		if c.sent.Method == r.Method && len(strings.Split(c.Path, "/")) == len(strings.Split(r.URL.Path, "/")) && strings.HasPrefix(r.URL.Path, strings.Split(c.Path, "{")[0]) {
			return c
		}
	}
	return nil
}

func NewFuzzDriver(f *testing.F, s Suite) *MemoryDriver {
	f.Helper()
	l := &MemoryDriver{Driver: NewDriver(f, s)}
	through := faulthttp.InMemory{Handler: l.WithLogins(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.h.ServeHTTP(w, r) }))}
	l.methods = l.Methods(f, "http://localhost", pay.WithTransport(through), pay.WithMaxAttempts(1))
	return l
}

// loginReply is the response to a login, nil if the provider has none. Where there
// are several, all answer alike.
func (st *Driver) LoginResponse() *faulthttp.Response {
	for _, body := range st.Logins {
		return &faulthttp.Response{Status: 200, Header: http.Header{"Date": {faulthttp.LoginDate}, "Content-Type": {"application/json"}}, Body: body}
	}
	return nil
}

// requestID stands in the header of every hostile answer.
const requestID = "req-hostile-1"

// says is an answer to c, signed as the provider signs.
func (st *Driver) Response(c *Operation, status int, contentType, body string) *faulthttp.Response {
	rec := httptest.NewRecorder()
	st.Genuine(faulthttp.Respond(status, contentType, body)).ServeHTTP(rec, c.sent)
	rec.Header().Set("X-Request-Id", requestID)
	return &faulthttp.Response{Status: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes()}
}

// answers answers every operation.
func (st *Driver) Respond(body func(*Operation) string) http.Handler {
	mux := http.NewServeMux()
	for _, c := range st.Calls {
		say := st.Genuine(faulthttp.Respond(c.Status, "application/json", body(c)))
		mux.HandleFunc(c.Method+" "+c.Path, func(w http.ResponseWriter, r *http.Request) {
			if r.Body != nil {
				_, _ = io.Copy(io.Discard, r.Body)
			}
			say.ServeHTTP(w, r)
		})
	}
	return mux
}

// good is what the spec shows.
func (c *Operation) SuccessBody() string { return string(c.Success) }

// one asks for a single attempt.
var OneAttempt = []pay.Option{pay.WithMaxAttempts(1)}

// stand is a client before a server that says what a test wants. It knows the
// client's operations and what each answers, from the spec.
type Driver struct {
	Suite
	Sandbox Sandbox
	Doc     *openapi3.T
	Calls   []*Operation // in the order of their ids
	Logins  map[string][]byte
}

// callable is one operation of the client.
type Operation struct {
	Id, Method, Path string
	Class            string
	Status           int              // of its success
	Success          []byte           // what a success holds; nil when it holds nothing
	Full             []byte           // the same with every member that the schema has
	Schema           *openapi3.Schema // of the answer; nil when it holds nothing
	Void             bool             // the method returns nothing but an error
	sent             *http.Request    // how the client asks
	Body             reflect.Type     // of what is sent; nil for nothing
	Result           reflect.Type     // of the method; the error's when it is void
}

// lab is a stand whose server, in this process, is exchanged for every call.
type MemoryDriver struct {
	*Driver
	h       http.Handler
	methods map[string]Invocation
}

type Invocation func(context.Context, ...pay.CallOption) (any, error)

func NewMemoryDriver(t *testing.T, s Suite, opts ...pay.Option) *MemoryDriver {
	t.Helper()
	l := &MemoryDriver{Driver: NewDriver(t, s)}
	through := faulthttp.InMemory{Handler: l.WithLogins(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.h.ServeHTTP(w, r) }))}
	l.methods = l.Methods(t, "http://localhost", append([]pay.Option{pay.WithTransport(through), pay.WithMaxAttempts(1)}, opts...)...)
	return l
}

// call makes one call whose answer comes from h.
func (l *MemoryDriver) Call(t *testing.T, c *Operation, h http.Handler) (any, error) {
	t.Helper()
	l.h = h
	return l.methods[c.Id](t.Context())
}

func NewDriver(t testing.TB, s Suite) *Driver {
	t.Helper()
	s.Live = ""
	doc := specmodel.Load(t, s.Spec).T
	st := &Driver{Suite: s, Doc: doc, Logins: map[string][]byte{}}
	st.Sandbox = s.Sandbox(t)
	k := specmodel.Maker{}
	specmodel.EachOperation(doc, func(_, _ string, op *openapi3.Operation) {
		if _, media := specmodel.Success(op); media != nil {
			k.Learn(media.Schema.Value, specmodel.Example(media))
		}
	})
	specmodel.EachOperation(doc, func(method, path string, op *openapi3.Operation) {
		c := newOperation(k, method, path, op)
		if op.Extensions["x-internal"] == true {
			st.Logins[method+" "+path] = c.Success
			return
		}
		st.Calls = append(st.Calls, c)
	})
	slices.SortFunc(st.Calls, func(a, b *Operation) int { return strings.Compare(a.Id, b.Id) })
	st.recordRequests(t)
	return st
}

func newOperation(k specmodel.Maker, method, path string, op *openapi3.Operation) *Operation {
	c := &Operation{Id: op.OperationID, Method: method, Path: path, Class: fmt.Sprint(op.Extensions["x-operation-class"])}
	var media *openapi3.MediaType
	if c.Status, media = specmodel.Success(op); media == nil {
		return c
	}
	c.Schema = media.Schema.Value
	c.Full = specmodel.Encode(k.Instance(c.Schema, 8))
	c.Success = c.Full
	if example := specmodel.Example(media); example != nil {
		c.Success = specmodel.Encode(example)
	}
	return c
}

// client connects to whatever answers behind a transport, and returns its
// operations: those of the spec that have a method.
func (st *Driver) Methods(t testing.TB, base string, opts ...pay.Option) map[string]Invocation {
	t.Helper()
	a := st.Connect(t, base, opts...)
	v, methods := reflect.ValueOf(a.Client), map[string]Invocation{}
	for i := range v.NumMethod() {
		for _, c := range st.Calls {
			if strings.EqualFold(v.Type().Method(i).Name, c.Id) {
				c.Void = v.Method(i).Type().NumOut() == 1
				c.Result = v.Method(i).Type().Out(0)
				if last := v.Method(i).Type().In(v.Method(i).Type().NumIn() - 2); last.Kind() == reflect.Struct {
					c.Body = last
				}
				methods[c.Id] = func(ctx context.Context, opts ...pay.CallOption) (any, error) { return Invoke(ctx, v.Method(i), opts) }
			}
		}
	}
	if len(methods) < 3 {
		t.Fatalf("the client has %d operations of its spec", len(methods))
	}
	st.Calls = slices.DeleteFunc(st.Calls, func(c *Operation) bool { return methods[c.Id] == nil })
	return methods
}

// ask lets each operation be asked once, to know its requests.
func (st *Driver) recordRequests(t testing.TB) {
	t.Helper()
	var now *Operation
	note := faulthttp.InMemory{Handler: st.WithLogins(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now.sent = r.Clone(context.Background())
		w.WriteHeader(http.StatusTeapot)
	}))}
	methods := st.Methods(t, "http://localhost", pay.WithTransport(note), pay.WithMaxAttempts(1))
	for _, now = range st.Calls {
		if _, err := methods[now.Id](context.Background()); err == nil || now.sent == nil {
			t.Fatalf("%s was not asked: %v", now.Id, err)
		}
	}
}

// invoke calls a method. The result is nil when there is none.
func Invoke(ctx context.Context, method reflect.Value, opts []pay.CallOption) (result any, err error) {
	in := Arguments(ctx, method)
	for _, o := range opts {
		in = append(in, reflect.ValueOf(o))
	}
	out := method.Call(in)
	err, _ = out[len(out)-1].Interface().(error)
	if len(out) > 1 && !out[0].IsZero() {
		result = out[0].Interface()
	}
	return result, err
}

// arguments are an id for every text and an empty value for everything else.
func Arguments(ctx context.Context, method reflect.Value) []reflect.Value {
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < method.Type().NumIn()-1; i++ {
		arg := reflect.New(method.Type().In(i)).Elem()
		if arg.Kind() == reflect.String {
			arg.SetString("id-1")
		}
		in = append(in, arg)
	}
	return in
}

// distinct are the operations whose answers differ: what one of them shows of how
// an answer is read holds for its twins too.
func (st *Driver) Distinct() (out []*Operation) {
	seen := map[string]bool{}
	for _, c := range st.Calls {
		if twin := fmt.Sprintf("%p%s", c.Schema, c.Full); !seen[twin] {
			seen[twin], out = true, append(out, c)
		}
	}
	return out
}

// readAndWrite are the read and the write with the shortest answers.
func (st *Driver) ReadAndWrite() (out []*Operation) {
	byLength := slices.SortedStableFunc(slices.Values(st.Calls), func(a, b *Operation) int { return len(a.Success) - len(b.Success) })
	for _, safe := range []bool{true, false} {
		for _, c := range byLength {
			if c.Safe() == safe && !c.Void {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

func (c *Operation) Safe() bool { return c.Class == "safe" }

// signs reports whether both sides sign what they send.
func (st *Driver) Signs() bool { return st.Sandbox.Genuine != nil }

// genuine lets answers look like the provider's own.
func (st *Driver) Genuine(h http.Handler) http.Handler {
	if st.Sandbox.Genuine == nil {
		return h
	}
	return st.Sandbox.Genuine(h)
}

// behind answers logins as the spec has it and leaves the rest to h.
func (st *Driver) WithLogins(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body := st.Logins[r.Method+" "+r.URL.Path]; body != nil {
			w.Header().Set("Date", faulthttp.LoginDate)
			faulthttp.Respond(200, "application/json", string(body)).ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
