// Package encodings prints and encodes a value in the ways that programs and log
// handlers do. Only tests import it.
package encodings

import (
	"bytes"
	"encoding"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"reflect"
	"strings"
	"text/template"

	jsonv2 "github.com/go-json-experiment/json"
	"go.yaml.in/yaml/v3"
)

// Output is what one way made of a value.
type Output struct {
	Way   string // such as "json, slice"
	Text  string // with the text of the error, if there was one
	Panic any    // nil if the encoder did not panic
}

// Of encodes a value alone, behind a pointer, in a slice, a map, exported fields and
// an interface, and a pointer also in an unexported field. The verbs %p and %w are
// left out: they call no method of the value, and go vet refuses them.
func Of(v any) iter.Seq[Output] {
	return func(yield func(Output) bool) {
		for _, h := range holders(v) {
			for _, w := range ways {
				if h.fits(w) && !yield(w.run(h)) {
					return
				}
			}
		}
	}
}

// holder is a value as it occurs in a program.
type holder struct {
	name    string
	value   any
	wrapped any // the value in it
}

// Names of holders that fit some verbs only.
const (
	valueHolder  = "value"
	structHolder = "struct"
	hiddenHolder = "unexported field"
)

func holders(v any) []holder {
	val, t := reflect.ValueOf(v), reflect.TypeOf(v)
	ref := reflect.New(t)
	ref.Elem().Set(val)
	list := reflect.Append(reflect.MakeSlice(reflect.SliceOf(t), 0, 1), val)
	byName := reflect.MakeMap(reflect.MapOf(reflect.TypeFor[string](), t))
	byName.SetMapIndex(reflect.ValueOf("k"), val)
	record := reflect.New(reflect.StructOf([]reflect.StructField{
		{Name: "One", Type: t}, {Name: "Ref", Type: ref.Type()}, {Name: "List", Type: list.Type()}, {Name: "Any", Type: reflect.TypeFor[any]()},
	})).Elem()
	for i, field := range []reflect.Value{val, ref, list, val} {
		record.Field(i).Set(field)
	}
	all := []holder{
		{valueHolder, v, v}, {"pointer", ref.Interface(), v}, {"slice", list.Interface(), v}, {"map", byName.Interface(), v},
		{structHolder, record.Interface(), v}, {"interface", map[string]any{"k": []any{v}}, v},
	}
	if t.Kind() == reflect.Pointer {
		all = append(all, holder{hiddenHolder, hidden{v}, v}, holder{hiddenHolder + " behind a pointer", &hidden{v}, v})
	}
	return all
}

// hidden has a field whose methods package fmt cannot call.
type hidden struct{ one any }

// fits reports whether a way calls the methods of the value. For a verb that suits
// neither a pointer nor a struct, package fmt prints without them what is behind a
// pointer, and it never calls them in an unexported field. Errors that wrap others
// have such fields.
func (h holder) fits(w way) bool {
	if w.name[0] != '%' || strings.HasSuffix(w.name, "v") {
		return true
	}
	_, formatter := h.wrapped.(fmt.Formatter)
	t := reflect.TypeOf(h.wrapped)
	ref := t.Kind() == reflect.Pointer
	switch {
	case strings.HasPrefix(h.name, hiddenHolder):
		return false
	case !formatter && (h.name == structHolder || ref && h.name != valueHolder):
		return false
	case ref && (t.Elem().PkgPath() == "fmt" || t.Elem().PkgPath() == "errors"):
		return w.name != "%t" && w.name != "%8.3f"
	}
	return true
}

// way is one way to print or encode a value.
type way struct {
	name   string
	encode func(w io.Writer, v any) error
}

func (w way) run(h holder) (out Output) {
	var b bytes.Buffer
	out.Way = w.name + ", " + h.name
	defer func() {
		out.Text, out.Panic = b.String(), recover()
	}()
	if err := w.encode(&b, h.value); err != nil {
		fmt.Fprintf(&b, "\n%v", err)
	}
	return out
}

var ways = []way{
	verb("%v"), verb("%+v"), verb("%#v"), verb("%s"), verb("%q"), verb("%#q"), verb("%x"), verb("%X"), verb("%d"), verb("%t"), verb("%8.3f"),
	{"json", func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }},
	{"json v2", func(w io.Writer, v any) error { return jsonv2.MarshalWrite(w, v) }},
	{"xml", func(w io.Writer, v any) error {
		return xml.NewEncoder(w).EncodeElement(v, xml.StartElement{Name: xml.Name{Local: "x"}})
	}},
	{"gob", func(w io.Writer, v any) error { return gob.NewEncoder(w).Encode(v) }},
	{"yaml", func(w io.Writer, v any) error { return yaml.NewEncoder(w).Encode(v) }},
	{"text", text},
	{"template", func(w io.Writer, v any) error { return page.Execute(w, v) }},
	{"slog text", func(w io.Writer, v any) error { return log(slog.NewTextHandler(w, nil), v) }},
	{"slog json", func(w io.Writer, v any) error { return log(slog.NewJSONHandler(w, nil), v) }},
	{"panic", panics},
}

func verb(s string) way {
	return way{s, func(w io.Writer, v any) error {
		_, err := fmt.Fprintf(w, s, v)
		return err
	}}
}

// text calls the methods that encoders outside the standard library look for.
func text(w io.Writer, v any) error {
	var b []byte
	var err error
	if m, ok := v.(encoding.TextMarshaler); ok {
		b, err = m.MarshalText()
	}
	if m, ok := v.(encoding.BinaryMarshaler); ok && err == nil {
		var more []byte
		more, err = m.MarshalBinary()
		b = append(b, more...)
	}
	if s, ok := v.(fmt.Stringer); ok {
		b = append(b, s.String()...)
	}
	_, _ = w.Write(b)
	return err
}

var page = template.Must(template.New("").Parse("{{.}}"))

func log(h slog.Handler, v any) error {
	slog.New(h).With("with", v).WithGroup("g").Info("x", "v", v, slog.Group("h", "v", v))
	return nil
}

// panics writes what the runtime and a typical recovery middleware print.
func panics(w io.Writer, v any) error {
	defer func() { fmt.Fprintf(w, "panic: %v [%+v]", recover(), v) }()
	panic(v)
}
