package xpaytest

import (
	"net/http"
	"strings"
)

// paging checks the page and the limit of a list. The defaults are 1 and 20.
func paging(r *http.Request, page, limit int) (int, int, error) {
	q := r.URL.Query()
	if !q.Has("page") {
		page = 1
	}
	if !q.Has("limit") {
		limit = 20
	}
	switch {
	case page < 1 || page > maxInt:
		return 0, 0, errorf(codeParameterOutOfRange, "page", "page must be 1 to 2147483647")
	case limit < 1 || limit > 100:
		return 0, 0, errorf(codeParameterOutOfRange, "limit", "limit must be 1 to 100")
	}
	return page, limit, nil
}

// pageOf returns size elements of a list from start. Beyond the end it is empty.
func pageOf[T any](list []T, start, size int) []T {
	if start >= len(list) {
		return []T{}
	}
	return list[start:min(start+size, len(list))]
}

// matches reports whether one of the comma-separated terms of search is in one of the
// texts.
func matches(search string, texts ...string) bool {
	if search == "" {
		return true
	}
	for term := range strings.SplitSeq(strings.ToLower(search), ",") {
		for _, text := range texts {
			if term = strings.TrimSpace(term); term != "" && strings.Contains(strings.ToLower(text), term) {
				return true
			}
		}
	}
	return false
}

// matchesFlag applies a filter that may be absent.
func matchesFlag(want *bool, is bool) bool { return want == nil || *want == is }
