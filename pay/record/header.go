package record

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/har"
	"github.com/getkin/kin-openapi/openapi3"
)

// Headers that are kept if their value has the form that it should have, beyond those
// that the spec declares. Any other header is left out, name and value.
var harmless = map[string]func(string) bool{
	"content-type": func(v string) bool { return mediaType(v) != "" },
	"date":         httpDate,
	"retry-after":  func(v string) bool { return httpDate(v) || len(v) <= 6 && plainNumber(v) },
	"content-encoding": func(v string) bool {
		return slices.Contains([]string{"gzip", "deflate", "br", "zstd", "identity"}, v)
	},
}

// numbered headers tie calls together. Their values are replaced consistently.
var numbered = []string{"idempotency-key", "request-id", "x-request-id"}

// secret headers are never recorded, whatever a spec declares.
var secret = []string{"authorization", "proxy-authorization", "cookie", "set-cookie", "www-authenticate", "proxy-authenticate"}

func httpDate(v string) bool { _, err := http.ParseTime(v); return err == nil }

// mediaType returns a content type of a common form without its parameters; "" for
// anything else. Unknown types could hold data.
func mediaType(v string) string {
	t, params, err := mime.ParseMediaType(v)
	charset := strings.ToLower(params["charset"])
	if err != nil || len(params) > 1 || len(params) == 1 && charset != "utf-8" && charset != "us-ascii" && charset != "iso-8859-1" {
		return ""
	}
	known := []string{"application/json", "application/problem+json", "application/x-www-form-urlencoded", "application/xml", "application/octet-stream", "text/plain", "text/html", "text/xml"}
	if !slices.Contains(known, t) {
		return ""
	}
	return t
}

// headers redacts the header of a message. declared returns the schemas of a header.
// The names are compared in any case, because some providers want a case of their own.
func (k *keeper) headers(h http.Header, declared func(name string) []*openapi3.Schema) []*har.NameValuePair {
	out := []*har.NameValuePair{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		low := strings.ToLower(name)
		if slices.Contains(secret, low) {
			continue
		}
		list := declared(low)
		for _, value := range h[name][:min(len(h[name]), 8)] {
			switch fits := harmless[low]; {
			case fits != nil && fits(value):
			case fits == nil && list != nil:
				value = k.signature(low, list, value)
			case slices.Contains(numbered, low):
				value = k.placeholder(value)
			default:
				continue
			}
			out = append(out, &har.NameValuePair{Name: name, Value: value})
		}
	}
	return out
}

// signatureParts are the parts of a signature header whose names are kept.
var signatureParts = []string{"algorithm", "keyversion", "signature", "t", "v1"}

// signature keeps which parts a signature has and nothing of their values.
func (k *keeper) signature(name string, list []*openapi3.Schema, value string) string {
	if !strings.Contains(name, "signature") {
		return k.word(list, value)
	}
	var parts []string
	for part := range strings.SplitSeq(value, ",") {
		name, _, found := strings.Cut(strings.TrimSpace(part), "=")
		if !found || !slices.Contains(signatureParts, strings.ToLower(name)) {
			return k.placeholder(value)
		}
		parts = append(parts, name+"=redacted")
	}
	return strings.Join(parts, ", ")
}

// query redacts the parameters of a URL in their order.
func (k *keeper) query(raw string, op *route) (pairs []*har.NameValuePair, text string) {
	pairs = []*har.NameValuePair{}
	var encoded []string
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" || len(pairs) == 256 {
			continue
		}
		name, value, given := strings.Cut(part, "=")
		name, value = unescape(name), unescape(value)
		list := op.parameter(openapi3.ParameterInQuery, name)
		if list == nil {
			name = k.name(name, !given) // a part without a value can be a token
		}
		if given {
			value = k.word(list, value)
		}
		pairs = append(pairs, &har.NameValuePair{Name: name, Value: value})
		encoded = append(encoded, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	return pairs, strings.Join(encoded, "&")
}

// unescape returns a text as it is if it is not escaped correctly.
func unescape(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}
