package clientcontract

import (
	"context"

	"github.com/specpay/specpay/pay"
)

// sendOperations sends the operation of each attempt that ended.
func sendOperations(operations chan<- string) pay.Option {
	return pay.WithObserver(sendingObserver(operations))
}

type sendingObserver chan<- string

func (sendingObserver) StartCall(ctx context.Context, _ pay.Call) context.Context { return ctx }

func (sendingObserver) EndCall(context.Context, pay.Call, pay.CallResult) {}

func (sendingObserver) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }

func (o sendingObserver) EndAttempt(_ context.Context, a pay.Attempt, _ pay.AttemptResult) {
	o <- a.Operation
}
