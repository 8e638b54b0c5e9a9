package load

import (
	"encoding/json"
	"strconv"
	"strings"
)

// JSON returns the value of n as JSON. A number that JSON cannot express becomes a string.
func (n *Node) JSON() []byte { return n.appendJSON(nil) }

func (n *Node) appendJSON(out []byte) []byte {
	switch n.Kind {
	case Map:
		out = append(out, '{')
		for i, item := range n.Items {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendString(out, n.Keys[i].Value), ':')
			out = item.appendJSON(out)
		}
		return append(out, '}')
	case List:
		out = append(out, '[')
		for i, item := range n.Items {
			if i > 0 {
				out = append(out, ',')
			}
			out = item.appendJSON(out)
		}
		return append(out, ']')
	}
	switch n.Tag {
	case Null:
		return append(out, "null"...)
	case Bool:
		return strconv.AppendBool(out, strings.EqualFold(n.Value, "true"))
	case Int, Float:
		if json.Valid([]byte(n.Value)) {
			return append(out, n.Value...)
		}
	}
	return appendString(out, n.Value)
}

func appendString(out []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // never for a string
		return append(out, `""`...)
	}
	return append(out, quoted...)
}
