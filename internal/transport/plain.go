package transport

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Plain returns a scalar as text: the content of a string, the literal of a
// number or boolean, "" for null. It decodes members that a provider sends as a
// string at one time and as a number at another.
func Plain(b []byte) (string, error) {
	switch jsontext.Value(b).Kind() {
	case 'n', 0:
		return "", nil
	case '"':
		var s string
		err := json.Unmarshal(b, &s, strict)
		return s, err
	case '{', '[':
		return "", errors.New("want a string, number, boolean or null; got an object or array")
	default:
		return string(b), nil
	}
}
