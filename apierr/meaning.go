package apierr

// Outcome says whether the call took effect.
//
// It is OutcomeNotApplied for a call that changes nothing, for a known code with a
// status below 500 other than 408, and for a request that was not sent. It is
// OutcomeUnknown for a write without a response, with an unreadable response, with
// a 5xx, or with a code that is documented with a 5xx. An outcome in the code's
// catalog entry takes precedence. [OfStatus] says what a status without a known
// code means.
func (e *Error) Outcome() Outcome {
	if e.details.Safe {
		return OutcomeNotApplied
	}
	if e.details.Outcome != "" {
		return e.details.Outcome
	}
	info, known := e.meaning()
	if info.Outcome != "" {
		return info.Outcome
	}
	if info.Category == ErrOutcomeUnknown {
		return OutcomeUnknown
	}
	status := e.StatusCode
	if status == 0 && len(info.Statuses) > 0 {
		status = info.Statuses[0]
	}
	if len(info.Statuses) > 0 && info.Statuses[0] >= 500 {
		return OutcomeUnknown // the provider failed, whatever status this response has
	}
	if known && status < 500 && status != 408 { // 408: the server gave up waiting, perhaps halfway
		return OutcomeNotApplied
	}
	return OfStatus(status).Outcome
}

// Category returns the category of the failure; ErrOutcomeUnknown whenever the
// outcome is unknown.
func (e *Error) Category() Category {
	if e.Outcome() == OutcomeUnknown {
		return ErrOutcomeUnknown
	}
	return e.category()
}

// Advice says what the caller can do next. The client has already made its
// automatic retries.
func (e *Error) Advice() Advice {
	info, known := e.meaning()
	switch {
	case e.unread() && e.details.Unknown != nil:
		return e.details.Unknown.Advice
	case e.unread() && e.details.Keyed:
		return AdviceBackoff
	case e.unread():
		return AdviceInquire
	case known:
		return info.AdviceAt(e.StatusCode)
	case e.details.Advice != "":
		return e.details.Advice
	}
	return OfStatus(e.StatusCode).Advice
}

// DocURL returns the page and anchor that explain the failure; "" if there is
// none.
func (e *Error) DocURL() string {
	if u := e.unknownTexts(); u != nil {
		return u.DocURL
	}
	if info, known := e.info(); known {
		return info.DocURL
	}
	return e.details.DocURL
}

// Description says what the failure means, for a developer.
func (e *Error) Description() string {
	if u := e.unknownTexts(); u != nil {
		return u.Description
	}
	if info, _ := e.info(); info.Description != "" && !e.unread() {
		return info.Description
	}
	return e.Category().texts().description
}

// Resolution says how to fix the failure, for a developer.
func (e *Error) Resolution() string {
	if u := e.unknownTexts(); u != nil {
		return u.Resolution
	}
	if info, _ := e.info(); info.Resolution != "" && !e.unread() {
		return info.Resolution
	}
	return e.Category().texts().resolution
}

// CustomerMessage returns a sentence that may be shown to an end user, such as a
// payer: the code's own, or else that of its category. lang is a BCP 47 tag
// ("mn", "en-GB"). A language without a sentence falls back to its base language
// and then to English.
func (e *Error) CustomerMessage(lang string) string {
	var texts []Text
	if u := e.unknownTexts(); u != nil {
		texts = u.Customer
	} else if !e.unread() {
		info, _ := e.info()
		texts = info.Customer
	}
	if s := inLanguage(texts, lang); s != "" {
		return s
	}
	return e.Category().texts().customer
}

// meaning returns the catalog's entry for the code. That of a catch-all code is
// empty: the status is more specific.
func (e *Error) meaning() (CodeInfo, bool) {
	info, known := e.info()
	if info.Category == ErrUnknown {
		return CodeInfo{}, false
	}
	return info, known
}

// category returns the category by code and status, without regard to the outcome.
func (e *Error) category() Category {
	if info, _ := e.meaning(); info.Category != "" {
		return info.Category
	}
	if e.details.Category != "" {
		return e.details.Category
	}
	return OfStatus(e.StatusCode).Category
}

// unread reports whether the outcome is unknown although the code does not stand
// for an unknown outcome.
func (e *Error) unread() bool {
	info, _ := e.info()
	return e.Outcome() == OutcomeUnknown && info.Outcome != OutcomeUnknown && info.Category != ErrOutcomeUnknown
}

// unknownTexts returns the operation's texts if they apply.
func (e *Error) unknownTexts() *UnknownOutcome {
	if e.unread() {
		return e.details.Unknown
	}
	return nil
}
