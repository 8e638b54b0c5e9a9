package start

import (
	"regexp"
	"slices"
	"strings"
)

// The levels of property names, the finest code first. From levelAlone on, a property is a code only if the error has none
// with a better name.
const (
	levelDetail = iota // decline_code: says more than the code
	levelReason        // reason, issue
	levelCode          // code
	levelAlone         // error
	levelWeak          // name, status, id, type: also in objects that are not errors
)

// weak are the names of levelWeak, the likeliest first.
func weak() []string { return []string{"name", "status", "id", "errortype", "type", "category"} }

// normal returns a property name without case and punctuation.
func normal(name string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(name))
}

// levelOf returns the level of a property name, or -1 if it is not that of a code.
func levelOf(name string) int {
	switch n := normal(name); n {
	case "declinecode", "subcode", "errorsubcode", "suberrorcode", "detailcode":
		return levelDetail
	case "reason", "reasoncode", "errorreason", "issue":
		return levelReason
	case "code", "errcode", "errorcode", "faultcode", "exceptioncode", "codename":
		return levelCode
	case "error", "errorname", "errorkey", "exception":
		return levelAlone
	default:
		if strings.HasSuffix(n, "errorcode") {
			return levelCode
		}
		if i := slices.Index(weak(), n); i >= 0 {
			return levelWeak + i
		}
		return -1
	}
}

var (
	announcing = regexp.MustCompile(`err|fault|fail|exception|problem|violation|issue|detail|status|result|response|meta|body|cause|reason|extension|warning`)
	elsewhere  = regexp.MustCompile(`link|documentation|context`)
)

// announces reports whether the object or list with this name is a part of an error. At the root of a success only one that is
// called an error is.
func announces(name string, root bool) bool {
	n := normal(name)
	if root {
		return n == "error" || n == "errors"
	}
	return announcing.MatchString(n) && !elsewhere.MatchString(n)
}

// describes reports whether a property next to the one at pointer shows that their object is an error.
func describes(name, pointer string) bool {
	switch normal(name) {
	case "message", "errormessage", "msg", "detail", "error", "errors", "errordescription", "statuscode", "httpstatus":
		return true
	case "description":
		return strings.Contains(normal(pointer), "err")
	}
	return false
}

// words returns the property names for a part of an error, the likeliest first, in their normal form.
func words(part string) []string {
	switch part {
	case "type":
		return []string{"type", "errortype", "category"}
	case "message":
		return []string{"message", "errormessage", "detail", "errordescription", "description", "msg", "title"}
	case "param":
		return []string{"param", "parameter", "field", "target", "property", "pointer"}
	case "request_id":
		return []string{"requestid", "traceid", "correlationid", "debugid"}
	case "doc_url":
		return []string{"docurl", "documentationurl", "helpurl", "help", "moreinfo"}
	}
	return nil
}

// rank returns the index of a property name among the words of a part, or -1.
func rank(part, property string) int { return slices.Index(words(part), normal(property)) }
