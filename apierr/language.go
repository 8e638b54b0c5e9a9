package apierr

import "strings"

// inLanguage returns the text for lang, or else for its base language, or else
// in English, or else "".
func inLanguage(texts []Text, lang string) string {
	lang = strings.ToLower(strings.ReplaceAll(lang, "_", "-"))
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
