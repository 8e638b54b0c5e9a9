package harness

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// Deviation is a difference from the spec that a test plants into recorded traffic.
type Deviation struct {
	Kind      string // of the finding
	Operation string // whose response is changed
	Pointer   string // of the finding
	Edit      func(*Exchange)
}

// Put returns an edit that sets the value at a JSON pointer of the response.
func Put(pointer string, value any) func(*Exchange) {
	return func(x *Exchange) {
		x.edit(pointer, func(m map[string]any, name string) { m[name] = value })
	}
}

// Drop returns an edit that removes a member of the response.
func Drop(pointer string) func(*Exchange) {
	return func(x *Exchange) {
		x.edit(pointer, func(m map[string]any, name string) { delete(m, name) })
	}
}

// Media returns an edit that changes the media type of the response.
func Media(media string) func(*Exchange) {
	return func(x *Exchange) { x.ResponseHeader = http.Header{"Content-Type": {media}} }
}

// Respond returns an edit that replaces the response.
func Respond(status int, media, body string) func(*Exchange) {
	return func(x *Exchange) {
		x.Status, x.ResponseBody = status, []byte(body)
		Media(media)(x)
	}
}

func (x *Exchange) edit(pointer string, change func(m map[string]any, name string)) {
	var doc any
	if json.Unmarshal(x.ResponseBody, &doc) != nil {
		return
	}
	names := strings.Split(pointer, "/")[1:]
	at := doc
	for _, name := range names[:len(names)-1] {
		switch v := at.(type) {
		case map[string]any:
			at = v[name]
		case []any:
			if i, err := strconv.Atoi(name); err == nil && i < len(v) {
				at = v[i]
			}
		}
	}
	if m, ok := at.(map[string]any); ok {
		change(m, names[len(names)-1])
		x.ResponseBody, _ = json.Marshal(doc)
	}
}
