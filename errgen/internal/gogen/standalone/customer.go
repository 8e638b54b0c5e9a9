package standalone

import "strings"

// CustomerMessage returns the catalog's sentence for an end user, the only text of an error that is made for one; "" when
// the catalog has none. lang is a BCP 47 tag ("mn", "en-GB"); a language without a sentence gets the English one.
func (e *APIError) CustomerMessage(lang string) string {
	var texts []ErrorSentence
	if info, known := e.info(); known && !e.unread() {
		texts = info.Customer
	} else if e.unread() && e.unknown != nil {
		texts = e.unknown.Customer
	}
	base, _, _ := strings.Cut(lang, "-")
	for _, want := range []string{lang, base, "en"} {
		for _, t := range texts {
			if strings.EqualFold(t.Lang, want) {
				return t.Text
			}
		}
	}
	return ""
}
