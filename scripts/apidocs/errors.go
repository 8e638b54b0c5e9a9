package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// parseErrors reads the JSON that errgen writes about the error codes of a spec. The result is Markdown about the errors of
// each operation, by operationId, with links to the page of the codes.
func parseErrors(text []byte, page string) (map[string]string, error) {
	var file struct {
		Catalogs []struct {
			Codes []struct {
				Value, Anchor string
				Operations    []string
			}
		}
		Unknown []struct{ Operation, Anchor string } `json:"unknown_outcomes"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("it is not the JSON of errgen: %w", err)
	}
	codes, out := map[string][]string{}, map[string]string{}
	for _, catalog := range file.Catalogs {
		for _, code := range catalog.Codes {
			for _, operation := range code.Operations {
				codes[operation] = append(codes[operation], link(code.Value, page, code.Anchor))
			}
		}
	}
	for operation, links := range codes {
		out[operation] = "**Errors:** " + strings.Join(slices.Compact(links), ", ") + "."
	}
	for _, u := range file.Unknown {
		out[u.Operation] = strings.TrimSpace(out[u.Operation] + "\n\nWithout a readable response, " + link("the outcome is unknown", page, u.Anchor) + ".")
	}
	return out, nil
}

// link returns a Markdown link. A code is text that Markdown could take for markup: no_such_code.
func link(label, page, anchor string) string {
	if !strings.Contains(label, " ") {
		label = "`" + label + "`"
	}
	return "[" + label + "](" + page + "#" + anchor + ")"
}
