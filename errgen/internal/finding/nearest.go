package finding

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest returns the word of known with the smallest edit distance to word, or "" if none is near. It examines only the
// start of a very long list.
func Nearest(word string, known []string) string {
	const most = 1000
	best, least := "", 3
	for _, k := range known[:min(len(known), most)] {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// Near returns the words of known that are most similar to word, the nearest first and at most five: those that contain it,
// and those that differ in at most a quarter of its letters. It ignores case.
func Near(word string, known []string) []string {
	const most = 5
	word = strings.ToLower(word)
	far := func(k string) int {
		if k = strings.ToLower(k); len(word) > 2 && strings.Contains(k, word) {
			return 1
		}
		return distance(word, k)
	}
	var out []string
	for _, k := range known {
		if far(k) <= max(1, len(word)/4) && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(far(a), far(b)) })
	return out[:min(len(out), most)]
}

// distance returns the edit distance of two words. Words longer than 40 bytes are never near.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 40
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
