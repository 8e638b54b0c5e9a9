package sandbox

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
)

// ConfigStore holds a provider's config, a flat struct with JSON names. Make one with
// [NewConfigStore].
type ConfigStore[T any] struct {
	mu      sync.Mutex
	initial T
	current T
	check   func(T) error
}

// NewConfigStore returns a store with the given initial values, which must pass
// check. A nil check accepts all values.
func NewConfigStore[T any](initial T, check func(T) error) (*ConfigStore[T], error) {
	if check == nil {
		check = func(T) error { return nil }
	}
	if err := check(initial); err != nil {
		return nil, err
	}
	return &ConfigStore[T]{initial: initial, current: initial, check: check}, nil
}

// Get returns the current values.
func (s *ConfigStore[T]) Get() T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// Edit changes the values. If the result does not pass the check, Edit changes
// nothing and returns the error.
func (s *ConfigStore[T]) Edit(change func(*T)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.current
	change(&next)
	return s.set(next)
}

func (s *ConfigStore[T]) set(next T) error {
	if err := s.check(next); err != nil {
		return err
	}
	s.current = next
	return nil
}

// Show returns the current values for a control response.
func (s *ConfigStore[T]) Show() any { return s.Get() }

// Merge sets the fields that are members of a JSON object.
func (s *ConfigStore[T]) Merge(raw []byte) error {
	if err := checkObject(raw); err != nil {
		return inputErrorf("%v; the expected form is an object of config fields", err)
	}
	var named map[string]any
	if err := json.Unmarshal(raw, &named); err != nil {
		return inputErrorf("the body is not a JSON object of config fields: %v", err)
	}
	known := jsonNames(reflect.TypeFor[T]())
	for _, name := range sortedKeys(named) {
		if !slices.Contains(known, name) {
			return &InputError{Detail: fmt.Sprintf("unknown config field %q", name), Known: known}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.current
	if err := json.Unmarshal(raw, &next); err != nil {
		return inputErrorf("a config field has a value of the wrong type: %v", err)
	}
	return s.set(next)
}

// Reset restores the initial values.
func (s *ConfigStore[T]) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = s.initial
}

func jsonNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
