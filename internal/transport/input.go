package transport

import (
	"bytes"
	"fmt"
	"net/url"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// query encodes the fields of a struct that have form tags. It omits zero values and
// nil pointers, but not pointers to zero values.
func query(params any) string {
	v := reflect.ValueOf(params)
	if !v.IsValid() || v.IsNil() {
		return ""
	}
	v, q := v.Elem(), url.Values{}
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Tag.Get("form")
		if name == "" || f.IsZero() {
			continue
		}
		if f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		if f.Kind() != reflect.Slice {
			q.Add(name, fmt.Sprint(f.Interface()))
			continue
		}
		for j := range f.Len() {
			q.Add(name, fmt.Sprint(f.Index(j).Interface()))
		}
	}
	return q.Encode()
}

// textOf returns the content of a JSON string; "" if value is not one.
func textOf(value []byte) (s string) {
	if len(value) > len(`""`) {
		_ = json.Unmarshal(value, &s)
	}
	return s
}

// setMember sets a top-level member of an encoded object: in place of
// body[from:to], or at the front if it is absent. An empty body becomes an object.
func setMember(body []byte, pointer, value string, from, to int64) []byte {
	out := make([]byte, 0, len(body)+len(pointer)+2*len(value)+8)
	if from < to {
		out, _ = jsontext.AppendQuote(append(out, body[:from]...), value)
		return append(out, body[to:]...)
	}
	out, _ = jsontext.AppendQuote(append(out, '{'), pointer[1:])
	out, _ = jsontext.AppendQuote(append(out, ':'), value)
	if rest := bytes.TrimSpace(body[min(1, len(body)):]); len(rest) > 0 && rest[0] != '}' {
		out = append(out, ',')
	}
	if len(body) == 0 {
		return append(out, '}')
	}
	return append(out, body[1:]...)
}

// member finds the value of a top-level member, body[from:to]; 0, 0 if it is absent.
func member(body []byte, pointer string) (from, to int64) {
	if pointer == "" {
		return 0, 0
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(body), lenient)
	_, _ = d.ReadToken()
	for k := d.PeekKind(); k != '}' && k != 0; k = d.PeekKind() {
		name, err := d.ReadToken()
		if err != nil {
			return 0, 0
		}
		found := name.String() == pointer[1:]
		v, err := d.ReadValue()
		if err != nil {
			return 0, 0
		}
		if found {
			return d.InputOffset() - int64(len(v)), d.InputOffset()
		}
	}
	return 0, 0
}
