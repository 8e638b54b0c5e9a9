package contract

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/pay"
)

// stand is a client before a server that says what a test wants. It knows the
// client's operations and what each answers, from the spec.
type stand struct {
	Suite
	sandbox Sandbox
	doc     *openapi3.T
	calls   []*callable // in the order of their ids
	logins  map[string][]byte
}

// callable is one operation of the client.
type callable struct {
	id, method, path string
	class            string
	status           int              // of its success
	answer           []byte           // what a success holds; nil when it holds nothing
	whole            []byte           // the same with every member that the schema has
	schema           *openapi3.Schema // of the answer; nil when it holds nothing
	void             bool             // the method returns nothing but an error
	sent             *http.Request    // how the client asks
	body             reflect.Type     // of what is sent; nil for nothing
	result           reflect.Type     // of the method; the error's when it is void
}

// lab is a stand whose server, in this process, is exchanged for every call.
type lab struct {
	*stand
	h       http.Handler
	methods map[string]method
}

type method func(context.Context, ...pay.CallOption) (any, error)

func newLab(t *testing.T, s Suite, opts ...pay.Option) *lab {
	t.Helper()
	l := &lab{stand: newStand(t, s)}
	through := memory{l.behind(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.h.ServeHTTP(w, r) }))}
	l.methods = l.client(t, "http://localhost", append([]pay.Option{pay.WithTransport(through), pay.WithMaxAttempts(1)}, opts...)...)
	return l
}

// call makes one call whose answer comes from h.
func (l *lab) call(t *testing.T, c *callable, h http.Handler) (any, error) {
	t.Helper()
	l.h = h
	return l.methods[c.id](t.Context())
}

func newStand(t testing.TB, s Suite) *stand {
	t.Helper()
	s.Live = ""
	doc := load(t, s.Spec).T
	st := &stand{Suite: s, doc: doc, logins: map[string][]byte{}}
	st.sandbox = s.Sandbox(t)
	k := maker{}
	eachOperation(doc, func(_, _ string, op *openapi3.Operation) {
		if _, media := success(op); media != nil {
			k.learn(media.Schema.Value, exampleOf(media))
		}
	})
	eachOperation(doc, func(method, path string, op *openapi3.Operation) {
		c := k.newCallable(method, path, op)
		if op.Extensions["x-internal"] == true {
			st.logins[method+" "+path] = c.answer
			return
		}
		st.calls = append(st.calls, c)
	})
	slices.SortFunc(st.calls, func(a, b *callable) int { return strings.Compare(a.id, b.id) })
	st.ask(t)
	return st
}

// eachOperation visits all operations, always in the same order.
func eachOperation(doc *openapi3.T, visit func(method, path string, op *openapi3.Operation)) {
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		operations := doc.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			visit(method, path, operations[method])
		}
	}
}

func (k maker) newCallable(method, path string, op *openapi3.Operation) *callable {
	c := &callable{id: op.OperationID, method: method, path: path, class: fmt.Sprint(op.Extensions["x-operation-class"])}
	var media *openapi3.MediaType
	if c.status, media = success(op); media == nil {
		return c
	}
	c.schema = media.Schema.Value
	c.whole = encoded(k.instance(c.schema, 8))
	c.answer = c.whole
	if example := exampleOf(media); example != nil {
		c.answer = encoded(example)
	}
	return c
}

// success is what an operation answers when all is well; media is nil when that
// holds nothing.
func success(op *openapi3.Operation) (status int, media *openapi3.MediaType) {
	for _, status := range []int{200, 201, 202} {
		if ref := op.Responses.Status(status); ref != nil {
			if media := ref.Value.Content.Get("application/json"); media != nil && media.Schema != nil {
				return status, media
			}
			return status, nil
		}
	}
	return 204, nil
}

func exampleOf(media *openapi3.MediaType) any {
	if media.Example != nil {
		return media.Example
	}
	for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
		return media.Examples[name].Value.Value
	}
	return nil
}

// client connects to whatever answers behind a transport, and returns its
// operations: those of the spec that have a method.
func (st *stand) client(t testing.TB, base string, opts ...pay.Option) map[string]method {
	t.Helper()
	a := st.Connect(t, base, opts...)
	v, methods := reflect.ValueOf(a.Client), map[string]method{}
	for i := range v.NumMethod() {
		for _, c := range st.calls {
			if strings.EqualFold(v.Type().Method(i).Name, c.id) {
				c.void = v.Method(i).Type().NumOut() == 1
				c.result = v.Method(i).Type().Out(0)
				if last := v.Method(i).Type().In(v.Method(i).Type().NumIn() - 2); last.Kind() == reflect.Struct {
					c.body = last
				}
				methods[c.id] = func(ctx context.Context, opts ...pay.CallOption) (any, error) { return invoke(ctx, v.Method(i), opts) }
			}
		}
	}
	if len(methods) < 3 {
		t.Fatalf("the client has %d operations of its spec", len(methods))
	}
	st.calls = slices.DeleteFunc(st.calls, func(c *callable) bool { return methods[c.id] == nil })
	return methods
}

// ask lets each operation be asked once, to know its requests.
func (st *stand) ask(t testing.TB) {
	t.Helper()
	var now *callable
	note := memory{st.behind(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now.sent = r.Clone(context.Background())
		w.WriteHeader(http.StatusTeapot)
	}))}
	methods := st.client(t, "http://localhost", pay.WithTransport(note), pay.WithMaxAttempts(1))
	for _, now = range st.calls {
		if _, err := methods[now.id](context.Background()); err == nil || now.sent == nil {
			t.Fatalf("%s was not asked: %v", now.id, err)
		}
	}
}

// invoke calls a method. The result is nil when there is none.
func invoke(ctx context.Context, method reflect.Value, opts []pay.CallOption) (result any, err error) {
	in := arguments(ctx, method)
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
func arguments(ctx context.Context, method reflect.Value) []reflect.Value {
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
func (st *stand) distinct() (out []*callable) {
	seen := map[string]bool{}
	for _, c := range st.calls {
		if twin := fmt.Sprintf("%p%s", c.schema, c.whole); !seen[twin] {
			seen[twin], out = true, append(out, c)
		}
	}
	return out
}

// readAndWrite are the read and the write with the shortest answers.
func (st *stand) readAndWrite() (out []*callable) {
	byLength := slices.SortedStableFunc(slices.Values(st.calls), func(a, b *callable) int { return len(a.answer) - len(b.answer) })
	for _, safe := range []bool{true, false} {
		for _, c := range byLength {
			if c.safe() == safe && !c.void {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

func (c *callable) safe() bool { return c.class == "safe" }

// signs reports whether both sides sign what they send.
func (st *stand) signs() bool { return st.sandbox.Genuine != nil }

// genuine lets answers look like the provider's own.
func (st *stand) genuine(h http.Handler) http.Handler {
	if st.sandbox.Genuine == nil {
		return h
	}
	return st.sandbox.Genuine(h)
}

// loginDate is the server's clock when it hands out tokens: those of the specs'
// examples live for some hours from here.
const loginDate = "Fri, 30 Jan 2026 00:00:00 GMT"

// behind answers logins as the spec has it and leaves the rest to h.
func (st *stand) behind(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body := st.logins[r.Method+" "+r.URL.Path]; body != nil {
			w.Header().Set("Date", loginDate)
			answer(200, "application/json", string(body)).ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// memory is a transport without a network: h answers in this process. An answer
// whose Content-Length promises more than it holds breaks off.
type memory struct{ h http.Handler }

// RoundTrip implements http.RoundTripper.
func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	w := page{status: 200, header: http.Header{}}
	m.h.ServeHTTP(&w, r)
	resp := &http.Response{StatusCode: w.status, Header: w.header, Request: r, ContentLength: int64(w.body.Len()), Body: io.NopCloser(&w.body)}
	if n, err := strconv.Atoi(w.header.Get("Content-Length")); err == nil && n > w.body.Len() {
		resp.ContentLength, resp.Body = int64(n), &broken{w.body.Bytes()}
	}
	return resp, nil
}

// page is an answer on its way through memory.
type page struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (p *page) Header() http.Header         { return p.header }
func (p *page) Write(b []byte) (int, error) { return p.body.Write(b) }
func (p *page) WriteHeader(status int)      { p.status = status }

type broken struct{ rest []byte }

// Read implements io.Reader.
func (b *broken) Read(p []byte) (int, error) {
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	if n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}

// Close implements io.Closer.
func (*broken) Close() error { return nil }
