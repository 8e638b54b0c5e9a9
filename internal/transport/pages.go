package transport

import (
	"fmt"
	"iter"
)

// Pages walks through all rows of a list. start begins a walk and returns what
// fetches one page after another; more is false on the last page. The walk ends
// at the first error, which is the last thing it yields, and at a page that
// begins like the page before it: a server that repeats itself would never end.
func Pages[T any](operation string, id func(T) string, start func() (next func() (rows []T, more bool, err error))) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		next, first := start(), ""
		for {
			rows, more, err := next()
			if err == nil && len(rows) > 0 && id(rows[0]) == first {
				err = fmt.Errorf("%s: a page begins like the page before it, with %.64q", operation, first)
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
