package apierr

// Outcome says whether the failed call took effect. A known code below 500 and
// a request that was never written: OutcomeNotApplied. A write that got no
// answer, one that cannot be read, or a 5xx whose code says nothing:
// OutcomeUnknown. A failed read: always OutcomeNotApplied.
func (e *Error) Outcome() Outcome {
	if e.details.Outcome != "" {
		return e.details.Outcome
	}
	info, known := e.info()
	known = known && info.Category != ErrUnknown // a catalog's "something else" says less than the status
	if known && info.Outcome != "" {
		return info.Outcome
	}
	status := e.StatusCode
	if status == 0 && known && len(info.Statuses) > 0 {
		status = info.Statuses[0]
	}
	if known && status < 400 {
		return OutcomeNotApplied // a refusal inside a success
	}
	return OfStatus(status).Outcome
}

// unread reports an unknown outcome that is not the meaning of the code itself.
func (e *Error) unread() bool {
	info, known := e.info()
	return e.Outcome() == OutcomeUnknown && !(known && info.Outcome == OutcomeUnknown)
}

// class is what code and status say, whatever the outcome.
func (e *Error) class() Category {
	if info, known := e.info(); known && info.Category != ErrUnknown {
		return info.Category
	}
	if e.details.Category != "" {
		return e.details.Category
	}
	return OfStatus(e.StatusCode).Category
}

// Category returns the class of the failure; ErrOutcomeUnknown whenever the
// outcome is unknown.
func (e *Error) Category() Category {
	if e.Outcome() == OutcomeUnknown {
		return ErrOutcomeUnknown
	}
	return e.class()
}

// Advice says what to do now. It speaks to the caller, after the client has
// done what retries it may.
func (e *Error) Advice() Advice {
	info, known := e.info()
	known = known && info.Category != ErrUnknown
	switch {
	case e.unread() && e.details.Unknown != nil:
		return e.details.Unknown.Advice
	case e.unread() && e.details.Advice == "":
		return AdviceInquire
	case e.unread(), !known && e.details.Advice != "":
		return e.details.Advice
	case !known:
		return OfStatus(e.StatusCode).Advice
	}
	for _, a := range info.AdviceByStatus {
		if a.Status == e.StatusCode {
			return a.Advice
		}
	}
	return info.Advice
}

// DocURL returns the page and anchor that explain the failure; "" when there is
// none.
func (e *Error) DocURL() string {
	if e.unread() && e.details.Unknown != nil {
		return e.details.Unknown.DocURL
	}
	if info, known := e.info(); known {
		return info.DocURL
	}
	return e.details.DocURL
}

// Description says what the failure means, for a developer.
func (e *Error) Description() string {
	if e.unread() && e.details.Unknown != nil {
		return e.details.Unknown.Description
	}
	if info, known := e.info(); known && info.Description != "" && !e.unread() {
		return info.Description
	}
	return e.Category().words().meaning
}

// Resolution says what to do about it, for a developer.
func (e *Error) Resolution() string {
	if e.unread() && e.details.Unknown != nil {
		return e.details.Unknown.Resolution
	}
	if info, known := e.info(); known && info.Resolution != "" && !e.unread() {
		return info.Resolution
	}
	return e.Category().words().remedy
}

// CustomerMessage returns a sentence that is safe to show to the payer: the
// code's own, else that of its class. lang is a BCP 47 tag ("mn", "en-GB"); a
// language without a sentence gets the English one.
func (e *Error) CustomerMessage(lang string) string {
	texts := []Text(nil)
	if e.unread() {
		if e.details.Unknown != nil {
			texts = e.details.Unknown.Customer
		}
	} else if info, known := e.info(); known {
		texts = info.Customer
	}
	if s := inLanguage(texts, lang); s != "" {
		return s
	}
	return e.Category().words().customer
}
