package openapitest

import (
	"net/http"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// operation is a refund, a void or a capture.
type operation struct {
	kind, id, requestID, fingerprint string
	payment                          *payment
	amount                           money
	reason, notifyURL, status        string
	due, done                        time.Time
}

// The kinds of operations. Entry kinds in the ledger start with them.
const (
	refund  = "refund"
	void    = "void"
	capture = "capture"
)

// inProcess returns the code of an operation that is not complete yet.
func inProcess(kind string) codeError {
	switch kind {
	case void:
		return codeVoidInProcess
	case capture:
		return codeCaptureInProcess
	}
	return codeRefundInProcess
}

// execute runs an operation once for its request ID. The function check reports
// whether the payment permits it, and respond returns the members of its response.
func (p *platform) execute(r *http.Request, requested operation, paymentID string, check func(*payment) error, respond func(Config, *operation) object) (sandbox.Response, error) {
	return p.idempotent(r, keyedRequest{requested.kind, requested.requestID, inProcess(requested.kind)}, func(fingerprint string) (sandbox.Response, error) {
		o := p.operation(requested.kind, "", requested.requestID)
		switch {
		case o != nil && o.fingerprint != fingerprint:
			return sandbox.Response{}, codeError(codeRepeatInconsistent)
		case o == nil:
			pay, err := p.find(paymentID, "")
			if err != nil {
				return sandbox.Response{}, err
			}
			if err := check(pay); err != nil {
				return sandbox.Response{}, err
			}
			requested.payment, requested.fingerprint = pay, fingerprint
			o = p.start(requested)
		}
		switch o.status {
		case processing:
			return sandbox.Response{}, inProcess(o.kind)
		case failed:
			return sandbox.Response{}, codeError("PROCESS_FAIL")
		}
		return success(respond(p.config.Get(), o)), nil
	})
}

// start adds an operation and, if Config.Processing is zero, completes it.
func (p *platform) start(o operation) *operation {
	if o.kind == void {
		o.amount = o.payment.amount
	}
	wait := duration(p.config.Get().Processing)
	o.id, o.status, o.due = p.now().Format("20060102")+p.core.IDs().Digits(14), processing, p.now().Add(wait)
	p.operations = append(p.operations, &o)
	if wait == 0 {
		p.complete(&o, succeeded)
		return &o
	}
	p.core.Record(o.kind+".started", o.id, o.requestID, o.amount.String())
	return &o
}

// complete sets the final status of an operation. The amount of a failed
// operation becomes available again.
func (p *platform) complete(o *operation, status string) {
	o.status, o.done = status, p.now()
	if status == failed {
		p.core.Record(o.kind+".failed", o.id, o.requestID, o.amount.String())
	} else {
		p.core.Record(o.kind+".done", o.id, o.requestID, o.amount.String())
		switch o.kind {
		case void:
			o.payment.voided = true
			if o.payment.status == authorized {
				p.finish(o.payment, failed, codeOrderClosed)
			}
		case capture:
			o.payment.captured += o.amount.value
			p.finish(o.payment, succeeded, "")
		}
	}
	p.notifyOperation(o)
}

// operation finds an operation by its ID or, if id is empty, by the merchant's
// request ID. It returns nil if there is none.
func (p *platform) operation(kind, id, requestID string) *operation {
	for _, o := range p.operations {
		if o.kind == kind && (id != "" && o.id == id || id == "" && o.requestID == requestID) {
			return o
		}
	}
	return nil
}

// total returns the total amount of a payment's operations of one kind, including
// those in process.
func (p *platform) total(kind string, pay *payment) int64 {
	var total int64
	for _, o := range p.operations {
		if o.kind == kind && o.payment == pay && o.status != failed {
			total += o.amount.value
		}
	}
	return total
}
