package clientcontract

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/specpay/specpay/pay"
)

// observeInto writes everything that an observer of a client receives.
func observeInto(w io.Writer) pay.Option { return pay.WithObserver(writingObserver{w}) }

type writingObserver struct{ w io.Writer }

func (o writingObserver) StartCall(ctx context.Context, c pay.Call) context.Context {
	_, _ = fmt.Fprintf(o.w, "%v %+v\n", c, c)
	return ctx
}

func (o writingObserver) EndCall(_ context.Context, c pay.Call, r pay.CallResult) {
	_, _ = fmt.Fprintf(o.w, "%v %v %+v %s\n", c, r, r, r.Err)
	o.log(r, r.Err)
}

func (o writingObserver) StartAttempt(ctx context.Context, a pay.Attempt) context.Context {
	_, _ = fmt.Fprintf(o.w, "%v %+v\n", a, a)
	return ctx
}

func (o writingObserver) EndAttempt(_ context.Context, a pay.Attempt, r pay.AttemptResult) {
	_, _ = fmt.Fprintf(o.w, "%v %v %+v %s\n", a, r, r, r.Err)
	o.log(r, r.Err)
}

// log writes a result and its error as structured logs.
func (o writingObserver) log(result any, err error) {
	for _, h := range []slog.Handler{slog.NewJSONHandler(o.w, nil), slog.NewTextHandler(o.w, nil)} {
		slog.New(h).Info("ended", "result", result, "err", err, slog.Group("call", "result", result))
	}
}

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
