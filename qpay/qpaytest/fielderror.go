package qpaytest

import (
	"fmt"
	"slices"
	"strconv"
)

// fieldError is the error of one field.
type fieldError struct{ field, kind, message string }

// fieldErrors are the errors of all invalid fields of a request.
type fieldErrors []fieldError

func (p fieldErrors) Error() string { return fmt.Sprintf("%d invalid fields", len(p)) }

// byField returns the errors by field. Of several fields of one name, as in two lines
// of an invoice, it has the first.
func (p fieldErrors) byField() object {
	fields := make(object, 0, len(p))
	for _, one := range p {
		if slices.ContainsFunc(fields, func(m member) bool { return m.name == one.field }) {
			continue
		}
		fields = append(fields, member{one.field, object{{"type", one.kind}, {"message", one.message}}})
	}
	return fields
}

func invalid(field, message string) fieldError { return fieldError{field, "INVALID", message} }

func tooLong(field string, limit int) fieldError {
	return fieldError{field, "MAX_LENGTH", "String max length [" + strconv.Itoa(limit) + "]!"}
}

func tooSmall(field string) fieldError {
	return fieldError{field, "MIN_NUMBER", "Number min value [1]!"}
}
