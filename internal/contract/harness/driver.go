package harness

import (
	"context"
	"fmt"
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

// Named returns the operation that a request is for.
func (d *Driver) Named(r *http.Request) *Operation {
	for _, c := range d.Calls {
		if c.sent.Method == r.Method && len(strings.Split(c.Path, "/")) == len(strings.Split(r.URL.Path, "/")) && strings.HasPrefix(r.URL.Path, strings.Split(c.Path, "{")[0]) {
			return c
		}
	}
	return nil
}

// NewFuzzDriver is NewMemoryDriver for a fuzz target.
func NewFuzzDriver(f *testing.F, s Suite) *MemoryDriver {
	f.Helper()
	m := &MemoryDriver{Driver: NewDriver(f, s)}
	through := faulthttp.InMemory{Handler: m.WithLogins(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.h.ServeHTTP(w, r) }))}
	m.methods = m.Methods(f, "http://localhost", pay.WithTransport(through), pay.WithMaxAttempts(1))
	return m
}

// LoginResponse returns the response to a login, nil if the provider has none. If
// there are several logins, one response fits all.
func (d *Driver) LoginResponse() *faulthttp.Response {
	for _, body := range d.Logins {
		return &faulthttp.Response{Status: 200, Header: http.Header{"Date": {faulthttp.LoginDate}, "Content-Type": {"application/json"}}, Body: body}
	}
	return nil
}

// requestID is in the header of every response that a test makes.
const requestID = "req-hostile-1"

// Response returns a response to an operation, signed as the provider signs.
func (d *Driver) Response(c *Operation, status int, contentType, body string) *faulthttp.Response {
	rec := httptest.NewRecorder()
	d.Genuine(faulthttp.Respond(status, contentType, body)).ServeHTTP(rec, c.sent)
	rec.Header().Set("X-Request-Id", requestID)
	return &faulthttp.Response{Status: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes()}
}

// Respond returns a server that responds to every operation with a success.
func (d *Driver) Respond(body func(*Operation) string) http.Handler {
	mux := http.NewServeMux()
	for _, c := range d.Calls {
		text := body(c)
		mux.HandleFunc(c.Method+" "+c.Path, func(w http.ResponseWriter, r *http.Request) {
			d.Genuine(faulthttp.Respond(c.Status, "application/json", c.repeat(r, text))).ServeHTTP(w, r)
		})
	}
	return mux
}

// SuccessBody returns the body of a success.
func (op *Operation) SuccessBody() string { return string(op.Success) }

// OneAttempt makes a client send each request once.
var OneAttempt = []pay.Option{pay.WithMaxAttempts(1)}

// Driver calls the operations of a client whose responses a test chooses. The
// operations and their successful responses come from the spec.
type Driver struct {
	Suite
	Sandbox Sandbox
	Doc     *openapi3.T
	Calls   []*Operation      // ordered by id
	Logins  map[string][]byte // bodies of the responses to logins, by method and path
}

// Operation is one operation of the client.
type Operation struct {
	ID, Method, Path string
	Class            string
	Status           int              // of a success
	Success          []byte           // body of a success; nil if it is empty
	Full             []byte           // the same with every member of the schema
	Schema           *openapi3.Schema // of a success; nil if it is empty
	Void             bool             // the method returns nothing but an error
	Echoes           []Echo           // members of a success that repeat the request
	sent             *http.Request    // what the client sends
	Body             reflect.Type     // of the request body; nil if there is none
	Result           reflect.Type     // of the method's first result
}

// MemoryDriver is a Driver without a network: each call has a handler of its own.
type MemoryDriver struct {
	*Driver
	h       http.Handler
	methods map[string]Invocation
}

// Invocation calls an operation with empty arguments.
type Invocation func(context.Context, ...pay.CallOption) (any, error)

// NewMemoryDriver connects a client that makes one attempt per call.
func NewMemoryDriver(t *testing.T, s Suite, opts ...pay.Option) *MemoryDriver {
	t.Helper()
	m := &MemoryDriver{Driver: NewDriver(t, s)}
	through := faulthttp.InMemory{Handler: m.WithLogins(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.h.ServeHTTP(w, r) }))}
	m.methods = m.Methods(t, "http://localhost", append([]pay.Option{pay.WithTransport(through), pay.WithMaxAttempts(1)}, opts...)...)
	return m
}

// Call calls an operation; h responds.
func (m *MemoryDriver) Call(t *testing.T, c *Operation, h http.Handler) (any, error) {
	t.Helper()
	m.h = h
	return m.methods[c.ID](t.Context())
}

// NewDriver reads the spec and records one request of each operation.
func NewDriver(t testing.TB, s Suite) *Driver {
	t.Helper()
	s.Live = ""
	doc := specmodel.Load(t, s.Spec).T
	d := &Driver{Suite: s, Doc: doc, Logins: map[string][]byte{}}
	d.Sandbox = s.Sandbox(t)
	k := specmodel.Maker{}
	specmodel.EachOperation(doc, func(_, _ string, op *openapi3.Operation) {
		if _, media := specmodel.Success(op); media != nil {
			k.Learn(media.Schema.Value, specmodel.Example(media))
		}
	})
	specmodel.EachOperation(doc, func(method, path string, op *openapi3.Operation) {
		c := newOperation(k, method, path, op)
		if op.Extensions["x-internal"] == true {
			d.Logins[method+" "+path] = c.Success
			return
		}
		d.Calls = append(d.Calls, c)
	})
	slices.SortFunc(d.Calls, func(a, b *Operation) int { return strings.Compare(a.ID, b.ID) })
	d.recordRequests(t)
	return d
}

func newOperation(k specmodel.Maker, method, path string, op *openapi3.Operation) *Operation {
	c := &Operation{ID: op.OperationID, Method: method, Path: path, Class: fmt.Sprint(op.Extensions["x-operation-class"])}
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
	c.echo(op)
	return c
}

// Methods connects a client and returns its methods by operation id. Operations
// without a method are dropped.
func (d *Driver) Methods(t testing.TB, base string, opts ...pay.Option) map[string]Invocation {
	t.Helper()
	a := d.Connect(t, base, opts...)
	v, methods := reflect.ValueOf(a.Client), map[string]Invocation{}
	for i := range v.NumMethod() {
		for _, c := range d.Calls {
			if strings.EqualFold(v.Type().Method(i).Name, c.ID) {
				c.Void = v.Method(i).Type().NumOut() == 1
				c.Result = v.Method(i).Type().Out(0)
				if last := v.Method(i).Type().In(v.Method(i).Type().NumIn() - 2); last.Kind() == reflect.Struct {
					c.Body = last
				}
				methods[c.ID] = func(ctx context.Context, opts ...pay.CallOption) (any, error) { return c.call(ctx, v.Method(i), opts) }
			}
		}
	}
	if len(methods) < 3 {
		t.Fatalf("the client has %d of the operations of its spec, want at least 3", len(methods))
	}
	d.Calls = slices.DeleteFunc(d.Calls, func(c *Operation) bool { return methods[c.ID] == nil })
	return methods
}

// recordRequests calls each operation once and keeps its request.
func (d *Driver) recordRequests(t testing.TB) {
	t.Helper()
	var now *Operation
	note := faulthttp.InMemory{Handler: d.WithLogins(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now.sent = r.Clone(context.Background())
		w.WriteHeader(http.StatusTeapot)
	}))}
	methods := d.Methods(t, "http://localhost", pay.WithTransport(note), pay.WithMaxAttempts(1))
	for _, now = range d.Calls {
		if _, err := methods[now.ID](context.Background()); err == nil || now.sent == nil {
			t.Fatalf("operation %s sent no request: %v", now.ID, err)
		}
	}
}

// Method returns the method of a client for an operation.
func Method(t testing.TB, client any, operation string) reflect.Value {
	t.Helper()
	v := reflect.ValueOf(client)
	for i := range v.NumMethod() {
		if strings.EqualFold(v.Type().Method(i).Name, operation) {
			return v.Method(i)
		}
	}
	t.Fatalf("the client has no method for operation %s", operation)
	return reflect.Value{}
}

// Invoke calls a method. The result is nil if there is none.
func Invoke(ctx context.Context, method reflect.Value, opts []pay.CallOption) (result any, err error) {
	return invoke(Arguments(ctx, method), method, opts)
}

func invoke(in []reflect.Value, method reflect.Value, opts []pay.CallOption) (result any, err error) {
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

// Arguments returns an id for every string parameter and a zero value for every
// other one.
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

// Distinct returns the operations whose responses differ. Operations that share a
// response share the code that reads it.
func (d *Driver) Distinct() (out []*Operation) {
	seen := map[string]bool{}
	for _, c := range d.Calls {
		if twin := fmt.Sprintf("%p%s", c.Schema, c.Full); !seen[twin] {
			seen[twin], out = true, append(out, c)
		}
	}
	return out
}

// ReadAndWrite returns the read and the write with the shortest responses.
func (d *Driver) ReadAndWrite() (out []*Operation) {
	byLength := slices.SortedStableFunc(slices.Values(d.Calls), func(a, b *Operation) int { return len(a.Success) - len(b.Success) })
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

// Safe reports whether the operation is a read.
func (op *Operation) Safe() bool { return op.Class == "safe" }

// Signs reports whether both sides sign what they send. A signature takes about a
// millisecond.
func (d *Driver) Signs() bool { return d.Sandbox.Genuine != nil }

// Genuine signs the responses of h as the provider does, if it does.
func (d *Driver) Genuine(h http.Handler) http.Handler {
	if d.Sandbox.Genuine == nil {
		return h
	}
	return d.Sandbox.Genuine(h)
}

// WithLogins responds to logins and passes all other requests to h.
func (d *Driver) WithLogins(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body := d.Logins[r.Method+" "+r.URL.Path]; body != nil {
			w.Header().Set("Date", faulthttp.LoginDate)
			faulthttp.Respond(200, "application/json", string(body)).ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
