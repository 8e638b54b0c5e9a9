package sandbox

import (
	"regexp"
	"testing"
	"time"
)

func TestIDs(t *testing.T) {
	a, b, other := NewIDs(7), NewIDs(7), NewIDs(8)
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := a.UUID()
		if !uuid.MatchString(id) {
			t.Fatalf("got ID %s, want a UUID of version 4", id)
		}
		if seen[id] {
			t.Fatalf("got ID %s twice, want unique IDs", id)
		}
		if same := b.UUID(); id != same {
			t.Fatalf("got IDs %s and %s with the same seed, want the same", id, same)
		}
		if id == other.UUID() {
			t.Fatalf("got ID %s with two seeds, want different IDs", id)
		}
		seen[id] = true
		if digits := a.Digits(5); digits != b.Digits(5) || !regexp.MustCompile(`^[1-9]\d{4}$`).MatchString(digits) {
			t.Fatalf("digits %q", digits)
		}
		if token := a.Token(21); token != b.Token(21) || len(token) != 21 {
			t.Fatalf("token %q", token)
		}
	}
	if a.Digits(0) != "" {
		t.Error("Digits(0) is not empty")
	}
}

func TestClock(t *testing.T) {
	running := NewClock(time.Time{})
	if off := time.Since(running.Now()); off < 0 || off > time.Minute {
		t.Errorf("the clock is off by %v from the system clock", off)
	}
	fixed := NewClock(time.Date(2026, 1, 1, 8, 0, 0, 0, time.FixedZone("", 8*3600)))
	if err := fixed.Advance(25 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := fixed.Now().Format(time.RFC3339); got != "2026-01-02T01:00:00Z" {
		t.Errorf("got %s", got)
	}
}

func TestJournalDropsOldest(t *testing.T) {
	j := journal[int]{limit: 10}
	for range 25 {
		j.add(func(seq int) int { return seq })
	}
	all := j.all()
	if len(all) > 10 || all[len(all)-1] != 25 || all[0] != 26-len(all) {
		t.Errorf("got %v", all)
	}
	j.edit(1, func(n *int) { t.Errorf("entry 1 was dropped, but edit changed %d", *n) })
	j.edit(25, func(n *int) { *n = -1 })
	if all := j.all(); all[len(all)-1] != -1 {
		t.Errorf("entry 25 was not edited: %v", all)
	}
}
