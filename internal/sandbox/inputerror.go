package sandbox

import "fmt"

// InputError is a mistake in what a test or a control call asked for. Control
// routes answer it with status 400.
type InputError struct {
	// Detail says what was wrong and what would be right.
	Detail string
	// Known lists the names that would have been right, sorted; may be empty.
	Known []string
}

// Error gives the detail and the known names on one line.
func (e *InputError) Error() string {
	if len(e.Known) == 0 {
		return e.Detail
	}
	return fmt.Sprintf("%s; known: %q", e.Detail, e.Known)
}

func inputErrorf(format string, args ...any) error {
	return &InputError{Detail: fmt.Sprintf(format, args...)}
}
