package transport

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Plain returns what a plain JSON value says: the content of a text, the
// literal of a number or boolean, "" for null. It is for members that a provider
// writes now as text, now as a number.
func Plain(b []byte) (string, error) {
	switch jsontext.Value(b).Kind() {
	case 'n', 0:
		return "", nil
	case '"':
		var s string
		err := json.Unmarshal(b, &s, strict)
		return s, err
	case '{', '[':
		return "", errors.New("an object or array where a plain value belongs")
	default:
		return string(b), nil
	}
}
