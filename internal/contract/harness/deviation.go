package harness

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/specpay/specpay/internal/contract/faulthttp"
)

// Deviation is a difference from the spec that a test plants into traffic before it is recorded.
type Deviation struct {
	Kind      string // of the finding
	Operation string // whose response is changed
	Pointer   string // of the finding
	Edit      func(*faulthttp.Response)
}

// Put returns an edit that sets the value at a JSON pointer of the response.
func Put(pointer string, value any) func(*faulthttp.Response) {
	return func(x *faulthttp.Response) {
		edit(x, pointer, func(m map[string]any, name string) { m[name] = value })
	}
}

// Drop returns an edit that removes a member of the response.
func Drop(pointer string) func(*faulthttp.Response) {
	return func(x *faulthttp.Response) {
		edit(x, pointer, func(m map[string]any, name string) { delete(m, name) })
	}
}

// Media returns an edit that changes the media type of the response.
func Media(media string) func(*faulthttp.Response) {
	return func(x *faulthttp.Response) { x.Header = http.Header{"Content-Type": {media}} }
}

// Respond returns an edit that replaces the response.
func Respond(status int, media, body string) func(*faulthttp.Response) {
	return func(x *faulthttp.Response) {
		x.Status, x.Body = status, []byte(body)
		Media(media)(x)
	}
}

func edit(x *faulthttp.Response, pointer string, change func(m map[string]any, name string)) {
	var doc any
	if json.Unmarshal(x.Body, &doc) != nil {
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
		x.Body, _ = json.Marshal(doc)
	}
}
