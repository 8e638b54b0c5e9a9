package apierr

import "strings"

// inLanguage picks the text for lang, else for its main language, else English,
// else "".
func inLanguage(texts []Text, lang string) string {
	lang = strings.ToLower(strings.ReplaceAll(lang, "_", "-"))
	main, _, _ := strings.Cut(lang, "-")
	for _, want := range []string{lang, main, "en"} {
		for _, t := range texts {
			if t.Lang == want {
				return t.Text
			}
		}
	}
	return ""
}
