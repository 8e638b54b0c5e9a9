package contract

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/pay"
)

// operation is one call of a client, made through its method.
type operation struct {
	id      string
	path    string // template, without the base
	keyBody string // the member of the body that is the idempotency key; "" when none is
	method  reflect.Value
}

// operations are the calls of the spec that the client has, by id.
func (e *env) operations(t *testing.T) []operation {
	t.Helper()
	doc := load(t, e.Spec)
	var all []operation
	client := reflect.ValueOf(e.Client)
	for path, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for i := range client.NumMethod() {
				if strings.EqualFold(client.Type().Method(i).Name, op.OperationID) {
					all = append(all, operation{id: op.OperationID, path: path, keyBody: keyBody(op), method: client.Method(i)})
				}
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("the client has none of the spec's operations")
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.id, b.id) })
	return all
}

func keyBody(op *openapi3.Operation) string {
	key, _ := op.Extensions["x-idempotency-key"].(map[string]any)
	pointer, _ := key["body"].(string)
	return strings.TrimPrefix(pointer, "/")
}

// call makes the call with an id for every parameter of its path and an empty
// body, whose key is set when one is given.
func (o operation) call(ctx context.Context, id, key string, opts ...pay.CallOption) error {
	typ := o.method.Type()
	args := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < typ.NumIn()-1; i++ {
		arg := reflect.New(typ.In(i)).Elem()
		switch {
		case arg.Kind() == reflect.String:
			arg.SetString(id)
		case arg.Kind() == reflect.Struct && key != "":
			setMember(arg, o.keyBody, key)
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

// ids is how many parameters the path has.
func (o operation) ids() int { return strings.Count(o.path, "{") }
