package webhook

import (
	"sync"
	"time"
)

// Limits of the questions that a client asks its provider about notifications. A
// question that leads to an event is free, so that they limit forgeries and not
// sales.
const (
	maxQuestions  = 64              // that a lane has at once
	questionEvery = time.Second / 2 // after that, a lane gets one more each time
	deniedTTL     = 5 * time.Second // in which the same question is not asked again
	maxLanes      = 1024
)

// verdict is what became of a question.
type verdict int

const (
	unanswered verdict = iota // or the events were handled before, or not handled
	denied                    // the provider does not confirm the notification, or not yet
	handled                   // an event was handled for the first time
)

// questions limits what notifications cost that only the provider's API can
// confirm. Each lane has its own limits, so that a forger cannot use up those of
// another lane.
type questions struct {
	now func() time.Time

	mu    sync.Mutex
	lanes map[string]*lane
}

// lane has the limits of the notifications with one proven origin.
type lane struct {
	left   float64              // questions; those under way are already subtracted
	at     time.Time            // when left was computed
	denied map[string]time.Time // when a notification was denied, by key
}

// admit reports whether a question may be asked now. If so, it must be settled.
func (q *questions) admit(name, key string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lane(name, q.now())
	if _, found := l.denied[key]; found || l.left < 1 {
		return false
	}
	l.left--
	return true
}

// settle ends a question that was admitted.
func (q *questions) settle(name, key string, v verdict) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	l := q.lane(name, now)
	switch v {
	case handled:
		l.left = min(l.left+1, maxQuestions)
	case denied:
		l.denied[key] = now
	case unanswered:
	}
}

// lane returns a lane as it is now. If there are too many lanes, it first makes room.
func (q *questions) lane(name string, now time.Time) *lane {
	l := q.lanes[name]
	if l == nil {
		if len(q.lanes) >= maxLanes {
			q.makeRoom(now)
		}
		if q.lanes == nil {
			q.lanes = map[string]*lane{}
		}
		l = &lane{left: maxQuestions, denied: map[string]time.Time{}}
		q.lanes[name] = l
	}
	l.update(now)
	return l
}

// makeRoom drops the lanes that are as good as new. If many are not, it drops any: a
// sender who can prove that many origins gains little by starting anew.
func (q *questions) makeRoom(now time.Time) {
	for name, l := range q.lanes {
		if l.update(now); l.left >= maxQuestions && len(l.denied) == 0 {
			delete(q.lanes, name)
		}
	}
	for name := range q.lanes {
		if len(q.lanes) <= maxLanes/2 {
			break
		}
		delete(q.lanes, name)
	}
}

// update adds the questions of the time that has passed, and forgets denials. The
// number of denials is limited, because each has cost a question.
func (l *lane) update(now time.Time) {
	if passed := now.Sub(l.at); passed > 0 {
		l.left = min(l.left+float64(passed)/float64(questionEvery), maxQuestions)
	}
	l.at = now
	for key, at := range l.denied {
		if !recent(at, now) {
			delete(l.denied, key)
		}
	}
}

// recent reports whether a denial still counts. The clock may have been set back.
func recent(at, now time.Time) bool {
	age := now.Sub(at)
	return age >= 0 && age < deniedTTL
}
