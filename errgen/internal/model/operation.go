package model

import (
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

const listKey = "x-error-codes"

// operations reads every operation below paths. Callbacks and webhooks are calls of the provider and are skipped.
func (b *builder) operations(root *load.Node) {
	paths := root.Get("paths")
	if paths == nil || paths.Kind != load.Map {
		return
	}
	renewed := b.renewals(root)
	for i, k := range paths.Keys {
		item, err := b.set.Follow(paths.Items[i])
		if err != nil {
			b.report(err)
			continue
		}
		for j, method := range item.Keys {
			if !load.IsMethod(method.Value) {
				continue
			}
			op, err := b.set.Follow(item.Items[j]) // OpenAPI has no such references, but large specs do
			if err != nil {
				b.report(err)
				continue
			}
			b.operation(k.Value, method, item, op, renewed)
		}
	}
	b.inquiries()
}

func (b *builder) operation(path string, method, item, n *load.Node, renewed renewals) {
	if n.Kind != load.Map {
		b.found.Errorf(n.Pos(), finding.Shape, "the operation %s %s must be a map, not %s", method.Value, finding.Quote(path), n.Describe())
		return
	}
	f := &fields{found: b.found, what: "operation " + finding.Quote(path), node: n}
	op := &Operation{Pos: method.Pos(), Method: method.Value, Path: path, ID: f.text("operationId"), Class: f.text("x-operation-class"), node: n}
	if v := f.get("x-idempotency-key"); v != nil {
		kf := newFields(b.found, "x-idempotency-key", v, nil)
		op.Key = &Key{Pos: v.Pos(), Header: kf.text("header"), Body: kf.text("body"), Replays: kf.text("replays")}
		kf.done()
		b.spec.Raw = append(b.spec.Raw, v)
	}
	if v := f.get("x-echo"); v != nil {
		op.Echoes = b.echoes(v)
	}
	if v := f.get("x-unknown-outcome"); v != nil {
		op.Unknown = b.unknown(v)
	}
	if v := f.get("x-inquiry"); v != nil {
		op.Inquiry = b.inquiry(v)
	}
	// Without these, the rest is not needed, and an unresolved reference is harmless.
	if op.Key != nil {
		op.HeaderParameters = append(b.parameters(item, "header"), b.parameters(n, "header")...)
	}
	if len(op.Echoes) > 0 {
		for _, in := range []string{"path", "query"} {
			op.PathAndQuery = append(append(op.PathAndQuery, b.parameters(item, in)...), b.parameters(n, in)...)
		}
		op.Success = b.success(n)
	}
	if op.Key != nil || len(op.Echoes) > 0 {
		op.Body = b.requestBody(n)
	}
	op.Tags, op.RenewedOn = tags(n), renewed.of(n)
	b.lists(op, n)
	b.spec.Operations = append(b.spec.Operations, op)
}

func (b *builder) unknown(n *load.Node) *Unknown {
	f := newFields(b.found, "x-unknown-outcome", n, nil)
	u := &Unknown{
		Pos: n.Pos(), Advice: f.text("advice"), AdviceReason: f.text("advice_reason"),
		Description: f.text("description"), Resolution: f.text("resolution"), Customer: f.pairs("customer"),
	}
	f.done()
	b.spec.Raw = append(b.spec.Raw, n)
	return u
}

func (b *builder) lists(op *Operation, n *load.Node) {
	if v := n.Get(listKey); v != nil {
		op.Lists = append(op.Lists, CodeList{"", codeList(b.found, v, listKey)})
	}
	responses := n.Get("responses")
	if responses == nil || responses.Kind != load.Map {
		return
	}
	for i, k := range responses.Keys {
		response, err := b.set.Follow(responses.Items[i])
		if err != nil {
			b.report(err)
			continue
		}
		reply := b.reply(k.Value, response)
		if ref := load.Ref(responses.Items[i]); ref != nil {
			reply.Name = refName(ref)
		}
		op.Replies = append(op.Replies, reply)
		for _, n := range []*load.Node{responses.Items[i], response} { // a list may be next to a $ref
			if v := n.Get(listKey); v != nil {
				op.Lists = append(op.Lists, CodeList{k.Value, codeList(b.found, v, listKey)})
			}
			if n == response {
				break
			}
		}
	}
}

// parameters returns the parameters of an operation or path item that are in one place: those in headers by their name in
// lower case, others as "place:name".
func (b *builder) parameters(n *load.Node, in string) []string {
	params := n.Get("parameters")
	if params == nil || params.Kind != load.List {
		return nil
	}
	var out []string
	for _, p := range params.Items {
		p, err := b.set.Follow(p)
		if err != nil {
			b.report(err)
			continue
		}
		switch name := p.Get("name").Text(); {
		case p.Get("in").Text() != in:
		case in == "header":
			out = append(out, strings.ToLower(name))
		default:
			out = append(out, in+":"+name)
		}
	}
	return out
}

// requestBody returns the schema of the first JSON media type of the request body.
func (b *builder) requestBody(n *load.Node) *load.Node {
	body := n.Get("requestBody")
	if body == nil {
		return nil
	}
	body, err := b.set.Follow(body)
	if err != nil {
		b.report(err)
		return nil
	}
	return jsonSchema(body)
}

// jsonSchema returns the schema of the first JSON media type of a body.
func jsonSchema(body *load.Node) *load.Node {
	content := body.Get("content")
	if content == nil || content.Kind != load.Map {
		return nil
	}
	for i, k := range content.Keys {
		if strings.Contains(k.Value, "json") {
			return content.Items[i].Get("schema")
		}
	}
	return nil
}

// success returns the schema of the first success that has JSON.
func (b *builder) success(n *load.Node) *load.Node {
	responses := n.Get("responses")
	if responses == nil || responses.Kind != load.Map {
		return nil
	}
	for i, k := range responses.Keys {
		if !strings.HasPrefix(k.Value, "2") {
			continue
		}
		response, err := b.set.Follow(responses.Items[i])
		if err != nil {
			continue // reported with the responses
		}
		if schema := jsonSchema(response); schema != nil {
			return schema
		}
	}
	return nil
}

// echoes reads x-echo.
func (b *builder) echoes(n *load.Node) []Echo {
	if n.Kind != load.List {
		b.found.Errorf(n.Pos(), finding.Shape, "x-echo must be a list of {response: ..., request: ...}, not %s", n.Describe())
		return nil
	}
	var out []Echo
	for _, item := range n.Items {
		f := newFields(b.found, "x-echo", item, nil)
		out = append(out, Echo{Pos: item.Pos(), Response: f.text("response"), Request: f.text("request"), Unverified: f.text("unverified")})
		f.done()
	}
	b.spec.Raw = append(b.spec.Raw, n)
	return out
}
