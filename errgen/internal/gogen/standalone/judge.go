package standalone

// Outcome says whether the failed call took effect. A known code below 500, and a request that was never sent:
// OutcomeNotApplied. A write that got no answer, one that cannot be read, or a 5xx whose code says nothing:
// OutcomeUnknown. A call that changes nothing: always OutcomeNotApplied.
func (e *APIError) Outcome() ErrorOutcome {
	info, known := e.meaning()
	switch {
	case e.safe:
		return OutcomeNotApplied
	case e.outcome != "":
		return e.outcome
	case known && info.Outcome != "":
		return info.Outcome
	}
	status := e.StatusCode
	if status == 0 && known && len(info.Statuses) > 0 {
		status = info.Statuses[0]
	}
	switch {
	case status == 408:
		return OutcomeUnknown
	case status >= 400 && status < 500, known && status < 500:
		return OutcomeNotApplied
	}
	return OutcomeUnknown
}

// Class returns the class of the failure; ClassOutcomeUnknown whenever the outcome is unknown.
func (e *APIError) Class() ErrorClass {
	if e.Outcome() == OutcomeUnknown {
		return ClassOutcomeUnknown
	}
	return e.kind()
}

// Advice says what to do now.
func (e *APIError) Advice() ErrorAdvice {
	info, known := e.meaning()
	switch {
	case e.unread() && e.unknown != nil:
		return e.unknown.Advice
	case e.unread() && e.keyed:
		return AdviceBackoff
	case e.unread():
		return AdviceInquire
	case !known && e.advice != "":
		return e.advice
	case !known:
		return errorAdviceOf(e.StatusCode)
	}
	for _, a := range info.AdviceByStatus {
		if a.Status == e.StatusCode {
			return a.Advice
		}
	}
	return info.Advice
}

// DocURL returns the page and anchor that explain the failure; "" when there is none.
func (e *APIError) DocURL() string {
	if e.unread() && e.unknown != nil {
		return e.unknown.DocURL
	}
	if info, known := e.info(); known {
		return info.DocURL
	}
	return e.docURL
}

// Description says what the failure means, for a developer.
func (e *APIError) Description() string {
	if e.unread() && e.unknown != nil {
		return e.unknown.Description
	}
	if info, known := e.info(); known && info.Description != "" && !e.unread() {
		return info.Description
	}
	meaning, _ := e.Class().words()
	return meaning
}

// Resolution says what to do about it, for a developer.
func (e *APIError) Resolution() string {
	if e.unread() && e.unknown != nil {
		return e.unknown.Resolution
	}
	if info, known := e.info(); known && info.Resolution != "" && !e.unread() {
		return info.Resolution
	}
	_, remedy := e.Class().words()
	return remedy
}

// meaning is the entry of a code that says more than the status: a catalog's "something else" does not.
func (e *APIError) meaning() (ErrorInfo, bool) {
	info, known := e.info()
	return info, known && info.Class != ClassUnknown
}

// unread reports an unknown outcome that is not the meaning of the code itself.
func (e *APIError) unread() bool {
	info, known := e.info()
	return e.Outcome() == OutcomeUnknown && (!known || info.Outcome != OutcomeUnknown)
}

// kind is the class by code and status, whatever the outcome.
func (e *APIError) kind() ErrorClass {
	if info, known := e.meaning(); known && info.Class != "" {
		return info.Class
	}
	if e.class != "" {
		return e.class
	}
	return errorClassOf(e.StatusCode)
}

// errorClassOf is the class of an answer whose code says nothing.
func errorClassOf(status int) ErrorClass {
	switch {
	case status == 401:
		return ClassAuth
	case status == 402:
		return ClassDeclined
	case status == 403:
		return ClassPermission
	case status == 404:
		return ClassNotFound
	case status == 408, status == 425, status >= 500:
		return ClassUnavailable
	case status == 409:
		return ClassConflict
	case status == 429:
		return ClassRateLimited
	case status >= 400:
		return ClassInvalidRequest
	case status > 0:
		return ClassProvider
	}
	return ClassUnknown
}

func errorAdviceOf(status int) ErrorAdvice {
	switch status {
	case 408, 425, 429, 500, 502, 503, 504:
		return AdviceBackoff
	case 400, 413, 415, 422:
		return AdviceChange
	case 404, 409, 412:
		return AdviceInquire
	}
	return AdviceNever
}

// words are what is said of a class when no code says more.
func (c ErrorClass) words() (meaning, remedy string) {
	switch c {
	case ClassAuth:
		return "The API did not accept the credentials.", "Check the credentials and that they belong to this environment."
	case ClassPermission:
		return "The caller may not do this.", "Ask who runs the API to allow it for these credentials."
	case ClassInvalidRequest:
		return "The request is not one that the API can carry out.", "Correct the request; sending the same one again will fail again."
	case ClassNotFound:
		return "What the request names does not exist for this caller.", "Check the id and the environment it was made in."
	case ClassConflict:
		return "The thing named is in a state that does not allow this.", "Read its state, then decide."
	case ClassDeclined:
		return "Somebody who had to agree refused.", "Try another way, or ask who refused."
	case ClassRateLimited:
		return "Too many calls in too short a time.", "Wait as long as the answer says, else some seconds, and repeat the same request."
	case ClassUnavailable:
		return "The API cannot be reached or cannot answer now.", "Repeat the same request after a pause."
	case ClassProvider:
		return "The API failed, or its answer cannot be read.", "Repeat a read after a pause; if it stays, show the request id to who runs the API."
	case ClassOutcomeUnknown:
		return "No readable answer came; the call may or may not have taken effect.", "Ask for the state before anything is repeated."
	case ClassUnknown:
	}
	return "The API reported a failure that is not in its catalog.", "Look at the status and the raw code."
}
