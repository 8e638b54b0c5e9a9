package sandbox

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
)

// Switches holds a provider's switches as a flat struct with JSON names. Make
// one with [NewSwitches].
type Switches[T any] struct {
	mu    sync.Mutex
	first T
	now   T
	check func(T) error
}

// NewSwitches starts with first, which must pass check. A nil check lets
// everything pass.
func NewSwitches[T any](first T, check func(T) error) (*Switches[T], error) {
	if check == nil {
		check = func(T) error { return nil }
	}
	if err := check(first); err != nil {
		return nil, err
	}
	return &Switches[T]{first: first, now: first, check: check}, nil
}

// Get is the present setting.
func (s *Switches[T]) Get() T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Edit changes the setting; when the result does not pass the check, nothing
// is changed.
func (s *Switches[T]) Edit(change func(*T)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.now
	change(&next)
	return s.set(next)
}

func (s *Switches[T]) set(next T) error {
	if err := s.check(next); err != nil {
		return err
	}
	s.now = next
	return nil
}

// Show is the present setting for a control answer.
func (s *Switches[T]) Show() any { return s.Get() }

// Merge changes the switches that a JSON object names.
func (s *Switches[T]) Merge(raw []byte) error {
	var named map[string]any
	if err := json.Unmarshal(raw, &named); err != nil {
		return inputErrorf("the body is not one JSON object of switches: %v", err)
	}
	known := switchNames(reflect.TypeFor[T]())
	for _, name := range sortedKeys(named) {
		if !slices.Contains(known, name) {
			return &InputError{Detail: "unknown switch " + name, Known: known}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.now
	if err := json.Unmarshal(raw, &next); err != nil {
		return inputErrorf("a switch has a value of the wrong type: %v", err)
	}
	return s.set(next)
}

// Reset goes back to the first setting.
func (s *Switches[T]) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.first
}

func switchNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
