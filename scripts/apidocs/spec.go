package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// spec is a spec as the pages contain it.
type spec struct {
	title string
	json  []byte // in the order of the YAML, with < escaped
}

// parseSpec converts a spec to the JSON of its page. Marks of unverified facts and the links to error codes become text of
// descriptions; other extensions are left out.
func parseSpec(text []byte, errors map[string]string) (*spec, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("it is not YAML: %w", err)
	}
	if root.Kind != yaml.DocumentNode || root.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("it is not a map; an OpenAPI document is")
	}
	var doc struct {
		Info struct{ Title string }
	}
	if err := root.Decode(&doc); err != nil {
		return nil, fmt.Errorf("its info has a wrong form: %w", err)
	}
	c := converter{errors: errors, missing: map[string]bool{}}
	for id := range errors {
		c.missing[id] = true
	}
	c.write(root.Content[0], object)
	if c.err == nil && len(c.missing) > 0 {
		c.err = fmt.Errorf("it has no operation %s, to which error codes refer; run errgen again", firstKey(c.missing))
	}
	return &spec{title: doc.Info.Title, json: c.out.Bytes()}, c.err
}

func firstKey(of map[string]bool) string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	return slices.Min(keys)
}

// kind is what a map of the document is.
type kind int

const (
	object   kind = iota // an object of OpenAPI, whose x- members are extensions
	names                // a map from names to objects
	subjects             // the same, with descriptions that may need the name as their subject: "is the total."
	data                 // a value, such as an example
)

// kinds are the kinds of members of an object. Other members are objects.
var kinds = map[string]kind{
	"callbacks": names, "content": names, "encoding": names, "examples": names, "headers": names, "links": names, "parameters": names,
	"paths": names, "properties": subjects, "requestBodies": names, "responses": names, "schemas": subjects, "scopes": names,
	"securitySchemes": names, "variables": names, "webhooks": names,
	"const": data, "default": data, "enum": data, "example": data, "mapping": data, "required": data, "security": data, "value": data,
}

// unverified is the extension that marks a fact as unverified. Its value is the reason.
const unverified = "x-unverified"

// shown are the extensions that the renderer reads.
var shown = []string{"x-additionalPropertiesName", "x-displayName", "x-enumDescriptions", "x-summary", "x-tagGroups"}

type converter struct {
	out     bytes.Buffer
	errors  map[string]string // by operationId: text about its errors
	missing map[string]bool   // operations of errors that have not been found
	subject string            // name of the object that is written next, if its description may need it
	err     error
}

func (c *converter) write(n *yaml.Node, is kind) {
	switch n.Kind {
	case yaml.AliasNode:
		c.write(n.Alias, is)
	case yaml.MappingNode:
		if is == object {
			n = c.described(n)
		}
		c.writeMap(n, is)
	case yaml.SequenceNode:
		// The items of a list are objects, also where a map would have names: parameters of an operation.
		if is == names {
			is = object
		}
		c.out.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				c.out.WriteByte(',')
			}
			c.write(item, is)
		}
		c.out.WriteByte(']')
	default:
		c.writeScalar(n)
	}
}

func (c *converter) writeMap(n *yaml.Node, is kind) {
	c.out.WriteByte('{')
	for i := 0; i < len(n.Content); i += 2 {
		if i > 0 {
			c.out.WriteByte(',')
		}
		key := n.Content[i].Value
		c.writeJSON(key)
		c.out.WriteByte(':')
		var of kind
		switch is {
		case object:
			of = kinds[key]
		case names:
			of = object
		case subjects:
			of, c.subject = object, key
		case data:
			of = data
		}
		c.write(n.Content[i+1], of)
	}
	c.out.WriteByte('}')
}

func (c *converter) writeScalar(n *yaml.Node) {
	var value any = n.Value
	switch n.Tag {
	case "!!int", "!!float", "!!bool", "!!null":
		if err := n.Decode(&value); err != nil {
			c.fail(n, "%v", err)
		}
	}
	c.writeJSON(value)
}

func (c *converter) writeJSON(value any) {
	text, err := json.Marshal(value) // it escapes <, > and &
	if err != nil && c.err == nil {
		c.err = err
	}
	c.out.Write(text)
}

func (c *converter) fail(n *yaml.Node, format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("line %d: %s", n.Line, fmt.Sprintf(format, args...))
	}
}

// described returns an object without extensions, whose description says what the extensions say to users.
func (c *converter) described(n *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line}
	subject := c.subject
	c.subject = ""
	var reference *yaml.Node
	var description, mark, id, errors string
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Value == unverified:
			if value.Kind != yaml.ScalarNode || strings.TrimSpace(value.Value) == "" {
				c.fail(value, "%s must be the reason as text", unverified)
				continue
			}
			mark = "**Unverified:** " + sentence(value.Value)
			continue
		case strings.HasPrefix(key.Value, "x-") && !slices.Contains(shown, key.Value):
			continue
		case key.Value == "description" && value.Kind == yaml.ScalarNode:
			description = value.Value
			if first, _ := utf8.DecodeRuneInString(description); subject != "" && unicode.IsLower(first) {
				description = "`" + subject + "` " + description
			}
			continue
		case key.Value == "operationId":
			id, errors = "**Operation ID:** `"+value.Value+"`", c.errors[value.Value] // descriptions name other operations by it
			delete(c.missing, value.Value)
		case key.Value == "$ref":
			reference = value
		}
		out.Content = append(out.Content, key, value)
	}
	texts := slices.DeleteFunc([]string{description, mark, id, errors}, func(text string) bool { return text == "" })
	if len(texts) == 0 {
		return out
	}
	if reference != nil {
		c.besideReference(reference, mark, out)
	}
	out.Content = append(out.Content, text("description"), text(strings.Join(texts, "\n\n")))
	return out
}

// besideReference moves the reference to a schema into an allOf, because OpenAPI 3.0 ignores the siblings of $ref.
func (c *converter) besideReference(reference *yaml.Node, mark string, out *yaml.Node) {
	if !strings.Contains(reference.Value, "/schemas/") {
		if mark != "" {
			c.fail(reference, "%s beside a reference to %s is not shown; move it to the target", unverified, reference.Value)
		}
		return
	}
	i := slices.IndexFunc(out.Content, func(n *yaml.Node) bool { return n == reference })
	out.Content[i-1] = text("allOf")
	out.Content[i] = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{
		{Kind: yaml.MappingNode, Content: []*yaml.Node{text("$ref"), reference}},
	}}
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// sentence makes a sentence of a reason such as "found in one client only".
func sentence(reason string) string {
	first := []rune(strings.TrimSpace(reason))
	reason = strings.ToUpper(string(first[:1])) + string(first[1:])
	if !strings.HasSuffix(reason, ".") {
		reason += "."
	}
	return reason
}
