package sandbox

import "fmt"

// InputError is an invalid argument of a test or a control call. Control routes
// respond to it with status 400.
type InputError struct {
	// Detail says what is wrong and what would be valid.
	Detail string
	// Known lists the valid names, sorted; may be empty.
	Known []string
}

// Error returns the detail and the valid names on one line.
func (e *InputError) Error() string {
	if len(e.Known) == 0 {
		return e.Detail
	}
	return fmt.Sprintf("%s; known: %q", e.Detail, e.Known)
}

func inputErrorf(format string, args ...any) error {
	return &InputError{Detail: fmt.Sprintf(format, args...)}
}
