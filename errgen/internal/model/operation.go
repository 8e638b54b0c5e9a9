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
			if load.IsMethod(method.Value) {
				b.operation(k.Value, method, item, item.Items[j], renewed)
			}
		}
	}
}

func (b *builder) operation(path string, method, item, n *load.Node, renewed renewals) {
	if n.Kind != load.Map {
		b.found.Errorf(n.Pos(), finding.Shape, "the operation %s %s must be a map, not %s", method.Value, finding.Quote(path), n.Describe())
		return
	}
	f := &fields{found: b.found, what: "operation " + finding.Quote(path), node: n}
	op := &Operation{Pos: method.Pos(), Method: method.Value, Path: path, ID: f.text("operationId"), Class: f.text("x-operation-class")}
	if v := f.get("x-idempotency-key"); v != nil {
		kf := newFields(b.found, "x-idempotency-key", v, nil)
		op.Key = &Key{Pos: v.Pos(), Header: kf.text("header"), Body: kf.text("body"), Replays: kf.text("replays")}
		kf.done()
		b.spec.Raw = append(b.spec.Raw, v)
	}
	if v := f.get("x-unknown-outcome"); v != nil {
		op.Unknown = b.unknown(v)
	}
	if op.Key != nil { // otherwise not needed, and an unresolved reference is harmless
		op.HeaderParameters = append(b.headers(item), b.headers(n)...)
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
		op.Replies = append(op.Replies, b.reply(k.Value, response))
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

// headers returns the lower-case names of the header parameters of an operation or path item.
func (b *builder) headers(n *load.Node) []string {
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
		if p.Get("in").Text() == "header" {
			out = append(out, strings.ToLower(p.Get("name").Text()))
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
