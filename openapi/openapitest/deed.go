package openapitest

import (
	"net/http"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// deed is a refund, a void or a capture.
type deed struct {
	kind, id, requestID, print string
	payment                    *payment
	amount                     money
	reason, notifyURL, status  string
	due, done                  time.Time
}

// The kinds of deeds; the ledger names them so.
const (
	refund  = "refund"
	void    = "void"
	capture = "capture"
)

// inProcess is the answer while a deed is under way.
func inProcess(kind string) refusal {
	switch kind {
	case void:
		return codeVoidInProcess
	case capture:
		return codeCaptureInProcess
	}
	return codeRefundInProcess
}

// act runs a deed once for its request id. may says whether the payment allows
// it, and made is its answer.
func (p *platform) act(r *http.Request, wanted deed, paymentID string, may func(*payment) error, made func(Config, *deed) object) (sandbox.Answer, error) {
	return p.keyed(r, ask{wanted.kind, wanted.requestID, inProcess(wanted.kind)}, func(print string) (sandbox.Answer, error) {
		d := p.deed(wanted.kind, "", wanted.requestID)
		switch {
		case d != nil && d.print != print:
			return sandbox.Answer{}, refusal(codeRepeatInconsistent)
		case d == nil:
			pay, err := p.find(paymentID, "")
			if err != nil {
				return sandbox.Answer{}, err
			}
			if err := may(pay); err != nil {
				return sandbox.Answer{}, err
			}
			wanted.payment, wanted.print = pay, print
			d = p.start(wanted)
		}
		switch d.status {
		case processing:
			return sandbox.Answer{}, inProcess(d.kind)
		case failed:
			return sandbox.Answer{}, refusal("PROCESS_FAIL")
		}
		return success(made(p.config.Get(), d)), nil
	})
}

// start writes a deed down, done at once unless the switch wants it slow.
func (p *platform) start(d deed) *deed {
	if d.kind == void {
		d.amount = d.payment.amount
	}
	wait := span(p.config.Get().Processing)
	d.id, d.status, d.due = p.now().Format("20060102")+p.core.IDs().Digits(14), processing, p.now().Add(wait)
	p.deeds = append(p.deeds, &d)
	if wait == 0 {
		p.complete(&d, succeeded)
		return &d
	}
	p.core.Record(d.kind+".started", d.id, d.requestID, d.amount.text())
	return &d
}

// complete brings a deed to its end. A failed one frees its sum again.
func (p *platform) complete(d *deed, status string) {
	d.status, d.done = status, p.now()
	if status == failed {
		p.core.Record(d.kind+".failed", d.id, d.requestID, d.amount.text())
	} else {
		p.core.Record(d.kind+".done", d.id, d.requestID, d.amount.text())
		switch d.kind {
		case void:
			d.payment.voided = true
			if d.payment.status == authorized {
				p.finish(d.payment, failed, codeOrderClosed)
			}
		case capture:
			d.payment.captured += d.amount.value
			p.finish(d.payment, succeeded, "")
		}
	}
	if d.kind == refund {
		p.notifyRefund(d)
	}
}

// deed finds a deed by its id, else by the merchant's; nil when there is none.
func (p *platform) deed(kind, id, requestID string) *deed {
	for _, d := range p.deeds {
		if d.kind == kind && (id != "" && d.id == id || id == "" && d.requestID == requestID) {
			return d
		}
	}
	return nil
}

// taken is the sum of the deeds of a kind on a payment, those under way included.
func (p *platform) taken(kind string, pay *payment) int64 {
	var sum int64
	for _, d := range p.deeds {
		if d.kind == kind && d.payment == pay && d.status != failed {
			sum += d.amount.value
		}
	}
	return sum
}
