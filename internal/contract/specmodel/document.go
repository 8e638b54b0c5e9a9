package specmodel

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// KeyMember returns the member of the body that is the idempotency key; "" if there is
// none.
func KeyMember(op *openapi3.Operation) string {
	key, _ := op.Extensions["x-idempotency-key"].(map[string]any)
	pointer, _ := key["body"].(string)
	return strings.TrimPrefix(pointer, "/")
}

// Echo is a member of a response that repeats a value of the request; x-echo.
type Echo struct {
	Response   string // JSON pointer
	Request    string // JSON pointer, "path:name" or "query:name"
	Unverified bool   // a difference is reported, not refused
}

// Echoes returns what x-echo of an operation says.
func Echoes(op *openapi3.Operation) (all []Echo) {
	list, _ := op.Extensions["x-echo"].([]any)
	for _, entry := range list {
		m, _ := entry.(map[string]any)
		response, _ := m["response"].(string)
		request, _ := m["request"].(string)
		all = append(all, Echo{Response: response, Request: request, Unverified: m["unverified"] != nil})
	}
	return all
}

// RequestBody returns the schema and an example of the request body of an operation;
// nil if it has none.
func RequestBody(op *openapi3.Operation) (*openapi3.Schema, any) {
	if op.RequestBody == nil {
		return nil, nil
	}
	media := op.RequestBody.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil, nil
	}
	return media.Schema.Value, Example(media)
}

// EachOperation visits all operations, always in the same order.
func EachOperation(doc *openapi3.T, visit func(method, path string, op *openapi3.Operation)) {
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		operations := doc.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			visit(method, path, operations[method])
		}
	}
}

// Success returns the status and media type of an operation's success; media is nil
// if the body is empty.
func Success(op *openapi3.Operation) (status int, media *openapi3.MediaType) {
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

// Example returns the example of a media type, or the first one; nil if there is none.
func Example(media *openapi3.MediaType) any {
	if media.Example != nil {
		return media.Example
	}
	for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
		return media.Examples[name].Value.Value
	}
	return nil
}

// Operation is an operation of the spec.
type Operation struct {
	ID, Class string
	Key       string   // place of the idempotency key: a header, or a "/member" of the body
	Inquiry   string   // operation that tells whether it took effect, or NoInquiry; "" if it moves no money
	Recorded  []string // values of the request that the inquiry or a human needs
}

// NoInquiry is the Inquiry of an operation that may move money and that no operation
// can be asked about.
const NoInquiry = "none"

// Operations returns the operations of a client by id.
func Operations(t testing.TB, spec string) map[string]Operation {
	t.Helper()
	doc := Load(t, spec)
	found := map[string]Operation{}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if slices.Contains(op.Tags, "inbound") || slices.Contains(op.Tags, "operator") {
				continue // the clients exclude these tags
			}
			class, _ := op.Extensions["x-operation-class"].(string)
			key, _ := op.Extensions["x-idempotency-key"].(map[string]any)
			header, _ := key["header"].(string)
			member, _ := key["body"].(string)
			found[op.OperationID] = Operation{op.OperationID, class, header + member, inquiryOf(op), recordedOf(op)}
		}
	}
	return found
}

func inquiryOf(op *openapi3.Operation) string {
	word, _ := op.Extensions["x-inquiry"].(map[string]any)
	if word["none"] != nil {
		return NoInquiry
	}
	name, _ := word["operation"].(string)
	return name
}

func recordedOf(op *openapi3.Operation) (names []string) {
	word, _ := op.Extensions["x-inquiry"].(map[string]any)
	for _, key := range []string{"with", "same"} {
		members, _ := word[key].(map[string]any)
		names = append(names, slices.Sorted(maps.Keys(members))...)
	}
	record, _ := word["record"].([]any)
	for _, place := range record {
		names = append(names, fmt.Sprint(place))
	}
	return names
}

// Document is a validated spec, and a router for it that accepts any host, because a
// sandbox has a host of its own.
type Document struct {
	*openapi3.T
	Router routers.Router
}

// documents caches the specs by path. Reading one takes longer than most tests.
var documents sync.Map

// Load returns the spec at a path. It is shared and must not be changed.
func Load(t testing.TB, path string) *Document {
	t.Helper()
	read, _ := documents.LoadOrStore(path, sync.OnceValues(func() (*Document, error) {
		doc, err := openapi3.NewLoader().LoadFromFile(path)
		if err != nil {
			return nil, err
		}
		doc.Servers = nil
		if err := doc.Validate(context.Background()); err != nil {
			return nil, err
		}
		router, err := gorillamux.NewRouter(doc)
		return &Document{doc, router}, err
	}))
	doc, err := read.(func() (*Document, error))()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
