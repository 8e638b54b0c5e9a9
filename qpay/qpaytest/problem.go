package qpaytest

import (
	"fmt"
	"strconv"
)

// problem is what is wrong with one field.
type problem struct{ field, kind, message string }

// problems is an answer with one problem for each refused field.
type problems []problem

func (p problems) Error() string { return fmt.Sprintf("%d fields refused", len(p)) }

func (p problems) byField() object {
	fields := make(object, 0, len(p))
	for _, one := range p {
		fields = append(fields, member{one.field, object{{"type", one.kind}, {"message", one.message}}})
	}
	return fields
}

func invalid(field, message string) problem { return problem{field, "INVALID", message} }

func tooLong(field string, limit int) problem {
	return problem{field, "MAX_LENGTH", "String max length [" + strconv.Itoa(limit) + "]!"}
}

func tooSmall(field string) problem {
	return problem{field, "MIN_NUMBER", "Number min value [1]!"}
}
