package harness

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// BoundOperation is one operation of a client, called through its method with ids
// and a key that the test chooses.
type BoundOperation struct {
	ID      string
	Path    string // template
	KeyBody string // the member of the body that is the idempotency key; "" if there is none
	method  reflect.Value
}

// BoundOperations returns the operations of the spec that the client has, ordered by
// id.
func (e *Session) BoundOperations(t *testing.T) []BoundOperation {
	t.Helper()
	doc := specmodel.Load(t, e.Spec)
	var all []BoundOperation
	client := reflect.ValueOf(e.Client)
	for path, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for i := range client.NumMethod() {
				if strings.EqualFold(client.Type().Method(i).Name, op.OperationID) {
					all = append(all, BoundOperation{ID: op.OperationID, Path: path, KeyBody: specmodel.KeyMember(op), method: client.Method(i)})
				}
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("the client has none of the operations of its spec")
	}
	slices.SortFunc(all, func(a, b BoundOperation) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Call calls the operation with an id for every parameter of its path and an empty
// body, with a key if one is given.
func (o BoundOperation) Call(ctx context.Context, id, key string, opts ...pay.CallOption) error {
	typ := o.method.Type()
	args := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < typ.NumIn()-1; i++ {
		arg := reflect.New(typ.In(i)).Elem()
		switch {
		case arg.Kind() == reflect.String:
			arg.SetString(id)
		case arg.Kind() == reflect.Struct && key != "":
			setMember(arg, o.KeyBody, key)
		}
		args = append(args, arg)
	}
	out := o.method.CallSlice(append(args, reflect.ValueOf(opts)))
	err, _ := out[len(out)-1].Interface().(error)
	return err
}

func setMember(body reflect.Value, member, value string) {
	for i := range body.NumField() {
		if name, _, _ := strings.Cut(body.Type().Field(i).Tag.Get("json"), ","); name == member {
			body.Field(i).SetString(value)
		}
	}
}

// UnsafeIDs could leave their path segment, at once or after a proxy or the server
// has unescaped the path.
var UnsafeIDs = []string{
	"", ".", "..", "../x", "../../v2/x", "a/b", "/", `a\b`, `..\x`, "a?b=c", "a#b", "a;b=c", "..;", "a b", " ",
	"%2f", "%2F", "..%2fx", "%2e%2e", "%2E%2e", "%5c", "%3f", "%23", "%00", "%252f", "100%", "%",
}

// PathIDs returns the number of parameters of the path.
func (o BoundOperation) PathIDs() int { return strings.Count(o.Path, "{") }
