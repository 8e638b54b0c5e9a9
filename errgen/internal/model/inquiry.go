package model

import (
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// Inquiry declares that an operation may move money, and how to find out whether it did. A name is that of a path parameter,
// or a JSON pointer into a body.
type Inquiry struct {
	Pos                 finding.Pos
	None                Text // why no operation tells
	Operation           Text // operationId of the one that tells
	With                []Pair
	Same                []Pair
	Record              []Text // further values of the request that tell a human what the call was about
	State               Text
	Applied, NotApplied []Text

	Asked *Operation // the operation that tells, if the spec has it
}

// Message has the places of a request or response.
type Message struct {
	Path []string   // path:name of each path parameter
	Body *load.Node // schema of its JSON; nil if there is none
}

// inquiry reads x-inquiry of an operation.
func (b *builder) inquiry(v *load.Node) *Inquiry {
	f := newFields(b.found, "x-inquiry", v, nil)
	q := &Inquiry{
		Pos: v.Pos(), None: f.text("none"), Operation: f.text("operation"), With: f.pairs("with"), Same: f.pairs("same"), Record: f.texts("record"),
		State: f.text("state"), Applied: f.texts("applied"), NotApplied: f.texts("not_applied"),
	}
	f.done()
	b.spec.Raw = append(b.spec.Raw, v)
	return q
}

// inquiries finds the operations that inquiries name, and reads the messages of both.
func (b *builder) inquiries() {
	for _, op := range b.spec.Operations {
		q := op.Inquiry
		if q == nil {
			continue
		}
		op.Request = Message{pathPlaces(op.Path), b.requestBody(op.node)}
		i := slices.IndexFunc(b.spec.Operations, func(o *Operation) bool { return o.ID.Value == q.Operation.Value })
		if i < 0 {
			continue
		}
		q.Asked = b.spec.Operations[i]
		q.Asked.Request = Message{pathPlaces(q.Asked.Path), b.requestBody(q.Asked.node)}
		q.Asked.Success = b.success(q.Asked.node)
	}
}

// pathPlaces returns the places of the parameters in a path.
func pathPlaces(path string) []string {
	var names []string
	for _, part := range strings.Split(path, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		names = append(names, "path:"+name)
	}
	return names
}

// Values returns the values that the schema at a pointer of a success lists; none if it is not an enumeration.
func (r Resolver) Values(body *load.Node, pointer string) []string {
	var out []string
	for _, schema := range r.At(body, pointer) {
		for _, key := range []string{"enum", "x-extensible-enum"} {
			if list := schema.Get(key); list != nil && list.Kind == load.List {
				for _, v := range list.Items {
					out = append(out, v.Text())
				}
			}
		}
	}
	return out
}
