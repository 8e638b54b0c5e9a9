package start

import (
	"net/http"
	"strings"
)

// statusOfName returns the status that the name of a code stands for, or 0. It only chooses among the statuses that the
// spec has for the code.
func statusOfName(code string) int {
	words := "_" + snake(code) + "_"
	for _, extra := range []struct {
		words  string
		status int
	}{
		{"not_authorized", 403}, {"permission_denied", 403}, {"access_denied", 403}, {"insufficient_scope", 403}, {"insufficient_scopes", 403},
		{"insufficient_permissions", 403}, {"unauthenticated", 401}, {"authentication_failed", 401}, {"authentication_failure", 401},
		{"authentication_required", 401}, {"invalid_credentials", 401}, {"invalid_request", 400}, {"already_exists", 409},
		{"rate_limit", 429}, {"rate_limited", 429}, {"throttled", 429}, {"internal_error", 500}, {"server_error", 500},
	} {
		if strings.Contains(words, "_"+extra.words+"_") {
			return extra.status
		}
	}
	switch words {
	case "_unavailable_":
		return http.StatusServiceUnavailable
	case "_gone_":
		return http.StatusGone
	}
	for status := 400; status < 600; status++ {
		if text := http.StatusText(status); text != "" && text != "Gone" && strings.Contains(words, "_"+snake(text)+"_") {
			return status
		}
	}
	return 0
}

// snake returns the words of a name in lower case, joined by underscores.
func snake(s string) string {
	var b strings.Builder
	lower := false
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			if lower {
				b.WriteByte('_')
			}
			b.WriteRune(r - 'A' + 'a')
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
		lower = r >= 'a' && r <= 'z'
	}
	return strings.Trim(b.String(), "_")
}
