package xpaytest

import (
	"net/http"
	"strings"
)

// paging checks the page and the limit of a list; absent ones are 1 and 20.
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
		return 0, 0, refuse(codeParameterOutOfRange, "page", "page must be 1 to 2147483647")
	case limit < 1 || limit > 100:
		return 0, 0, refuse(codeParameterOutOfRange, "limit", "limit must be 1 to 100")
	}
	return page, limit, nil
}

// cut is a part of a list; beyond the end there is nothing.
func cut[T any](list []T, from, most int) []T {
	if from >= len(list) {
		return []T{}
	}
	return list[from:min(from+most, len(list))]
}

// matches tells whether one of the terms, which have commas between them, is in
// one of the texts.
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

// isWanted applies a filter that may be absent.
func isWanted(want *bool, is bool) bool { return want == nil || *want == is }
