package transport

import (
	"net/url"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/jsonscan"
)

// Echo is a member of a response that repeats a value of the request; x-echo in the
// spec. A signature binds a response to a path and a time, but not to the request
// that it belongs to.
type Echo struct {
	Response   string // JSON pointer
	Request    string // JSON pointer of the body, "path:name" or "query:name"
	Unverified bool   // a difference is reported, but the response is used
}

// compare compares the echoed members of a response with the request and records
// those that differ. It returns the first one that makes the response unusable; ""
// if there is none. A member that one side lacks, or that is null or an empty string
// there, is not compared.
func (k *call) compare(body []byte, out any) (refused string) {
	for i := range k.op.Echoes {
		e := &k.op.Echoes[i]
		got := jsonscan.FindFold(body, e.Response) // the decoder accepts names in another case too
		if isEmpty(got) || k.repeats(e, got, out) {
			continue
		}
		k.mismatches = append(k.mismatches, e.Response)
		if refused == "" && !e.Unverified {
			refused = e.Response
		}
	}
	return refused
}

// repeats reports whether a value of the response equals that of the request.
func (k *call) repeats(e *Echo, got []byte, out any) bool {
	place, name, parameter := strings.Cut(e.Request, ":")
	if !parameter {
		sent := jsonscan.Find(k.body, e.Request)
		return isEmpty(sent) || content(sent) == content(got) || sameValue(typeAt(reflect.TypeOf(out), e.Response), sent, got)
	}
	sent := k.parameter(place, name)
	return sent == "" || sent == content(got)
}

// content returns the content of a JSON string, and any other JSON value as it is: an
// ID may be sent as text and returned as a number.
func content(v []byte) string {
	if text, ok := jsonscan.Unquote(v); ok {
		return text
	}
	return string(v)
}

// parameter returns the value of a parameter of the path or the query.
func (k *call) parameter(place, name string) string {
	if place == "path" {
		before, _, _ := strings.Cut(k.op.Path, "{"+name+"}")
		return k.path[strings.Count(before, "{")]
	}
	q, _ := url.ParseQuery(k.url.RawQuery) // encoded by query
	return q.Get(name)
}

// isEmpty reports whether a JSON value is absent, null or an empty string.
func isEmpty(v []byte) bool { return len(v) == 0 || v[0] == 'n' || string(v) == `""` }

// sameValue compares two JSON values of one type. Two spellings of one amount are the
// same value: "100" and "100.00", 5000 and "5000". Values without a type are compared
// as text, such as those of an inquiry, which is not decoded.
func sameValue(t reflect.Type, a, b []byte) bool {
	if t == nil {
		return scalar(a) != "" && scalar(a) == scalar(b)
	}
	x, y := reflect.New(t), reflect.New(t)
	if json.Unmarshal(a, x.Interface(), strict) != nil || json.Unmarshal(b, y.Interface(), strict) != nil {
		return false
	}
	if cmp := x.MethodByName("Cmp"); cmp.IsValid() && cmp.Type().NumIn() == 1 && cmp.Type().In(0) == t {
		return cmp.Call([]reflect.Value{y.Elem()})[0].IsZero()
	}
	return reflect.DeepEqual(x.Interface(), y.Interface())
}

// typeAt returns the type that the value at a JSON pointer is decoded into; nil if
// there is none.
func typeAt(t reflect.Type, pointer string) reflect.Type {
	for token := range strings.SplitSeq(pointer[1:], "/") {
		if t = memberType(t, token); t == nil {
			return nil
		}
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func memberType(t reflect.Type, name string) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		if member, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); member == name {
			return t.Field(i).Type
		}
	}
	return nil
}
