package wire

import (
	"bytes"
	"fmt"
	"net/url"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// query writes the parameters of a struct with form tags. Zero values and nil
// pointers are not sent; a pointer to a zero value is.
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

// textMember returns the text of a top-level member; "" when there is none.
func textMember(body []byte, pointer string) string {
	from, to := member(body, pointer)
	var s string
	if from < to {
		_ = json.Unmarshal(body[from:to], &s)
	}
	return s
}

// setMember writes a top-level member into an object that we encoded ourselves,
// in the place where it is or at the front.
func setMember(body []byte, pointer, value string) []byte {
	text, _ := jsontext.AppendQuote(nil, value)
	from, to := member(body, pointer)
	if from < to {
		return append(append(append([]byte(nil), body[:from]...), text...), body[to:]...)
	}
	name, _ := jsontext.AppendQuote([]byte("{"), pointer[1:])
	out := append(append(name, ':'), text...)
	if rest := bytes.TrimSpace(body[min(1, len(body)):]); len(rest) > 0 && rest[0] != '}' {
		out = append(out, ',')
	}
	if len(body) == 0 {
		return append(out, '}')
	}
	return append(out, body[1:]...)
}

// member finds the value of a top-level member: body[from:to].
func member(body []byte, pointer string) (from, to int64) {
	if pointer == "" {
		return 0, 0
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(body))
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
