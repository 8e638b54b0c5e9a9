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

// operation is one call of a client, made through its method.
type BoundOperation struct {
	Id      string
	Path    string // template, without the base
	KeyBody string // the member of the body that is the idempotency key; "" when none is
	method  reflect.Value
}

// operations are the calls of the spec that the client has, by id.
func (e *Session) BoundOperations(t *testing.T) []BoundOperation {
	t.Helper()
	doc := specmodel.Load(t, e.Spec)
	var all []BoundOperation
	client := reflect.ValueOf(e.Client)
	for path, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for i := range client.NumMethod() {
				if strings.EqualFold(client.Type().Method(i).Name, op.OperationID) {
					all = append(all, BoundOperation{Id: op.OperationID, Path: path, KeyBody: specmodel.KeyMember(op), method: client.Method(i)})
				}
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("the client has none of the spec's operations")
	}
	slices.SortFunc(all, func(a, b BoundOperation) int { return strings.Compare(a.Id, b.Id) })
	return all
}

// call makes the call with an id for every parameter of its path and an empty
// body, whose key is set when one is given.
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

// ids is how many parameters the path has.
func (o BoundOperation) PathIDs() int { return strings.Count(o.Path, "{") }
