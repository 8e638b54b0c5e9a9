package transport

import (
	"fmt"
	"iter"
)

// Pages returns an iterator over all rows of a list. start begins an iteration and
// returns the function that fetches one page after another; more is false on the
// last page. An error is yielded once, with a zero row, and ends the iteration. A
// page with the same first row as the page before is an error, because a server
// that repeats a page would never end.
func Pages[T any](operation string, id func(T) string, start func() (next func() (rows []T, more bool, err error))) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		next, first := start(), ""
		for {
			rows, more, err := next()
			if err == nil && len(rows) > 0 && id(rows[0]) == first {
				err = fmt.Errorf("%s: two pages in succession begin with the row %.64q; want a new page", operation, first)
			}
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if !more || len(rows) == 0 {
				return
			}
			first = id(rows[0])
		}
	}
}
