package clientcontract

import (
	"context"
	"fmt"
	"io"

	"github.com/specpay/specpay/pay"
)

// observeInto writes everything that an observer of a client receives.
func observeInto(w io.Writer) pay.Option {
	return pay.WithHook(func(_ context.Context, a pay.Attempt) { _, _ = fmt.Fprintf(w, "%v %+v %s\n", a, a, a.Err) })
}

// sendOperations sends the operation of each attempt that ended.
func sendOperations(operations chan<- string) pay.Option {
	return pay.WithHook(func(_ context.Context, a pay.Attempt) { operations <- a.Operation })
}
