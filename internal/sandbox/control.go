package sandbox

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// controlMessage is the body of a refused control call.
type controlMessage struct {
	Problem string   `json:"sandbox"`
	Known   []string `json:"known,omitempty"`
}

func controlError(err error) controlMessage {
	var wrong *InputError
	if errors.As(err, &wrong) {
		return controlMessage{Problem: wrong.Detail, Known: wrong.Known}
	}
	return controlMessage{Problem: err.Error()}
}

// act is one control call: body in, value out.
type act func(r *http.Request, raw []byte) (any, error)

// controlRoutes maps path and method to acts.
func (s *Sandbox) controlRoutes() http.Handler {
	routes := map[string]map[string]act{
		"pay":        {http.MethodPost: s.controlPay},
		"fail-next":  {http.MethodPost: s.controlFail},
		"fault":      {http.MethodPost: s.controlFault},
		"clock":      {http.MethodPost: s.controlClock, http.MethodGet: show(s.clockView)},
		"config":     {http.MethodPost: s.controlConfig, http.MethodGet: show(s.configView)},
		"reset":      {http.MethodPost: s.controlReset},
		"ledger":     {http.MethodGet: show(func() any { return s.ledger.All() })},
		"requests":   {http.MethodGet: show(func() any { return s.requests.all() })},
		"deliveries": {http.MethodGet: show(func() any { return s.sender.log.all() })},
		"codes":      {http.MethodGet: show(func() any { return s.codes() })},
		"guesses":    {http.MethodGet: show(func() any { return s.guesses() })},
	}
	for path, do := range s.provider.Routes {
		routes[path] = map[string]act{http.MethodPost: do}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		methods, found := routes[strings.TrimPrefix(r.URL.Path, controlPrefix)]
		if !found {
			writeControl(w, http.StatusNotFound, controlMessage{Problem: "no control route " + r.URL.Path, Known: sortedKeys(routes)})
			return
		}
		do, found := methods[r.Method]
		if !found {
			allow := sortedKeys(methods)
			w.Header().Set("Allow", strings.Join(allow, ", "))
			writeControl(w, http.StatusMethodNotAllowed, controlMessage{Problem: r.Method + " is not allowed on " + r.URL.Path, Known: allow})
			return
		}
		runControl(w, r, do)
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func runControl(w http.ResponseWriter, r *http.Request, do act) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		writeControl(w, http.StatusRequestEntityTooLarge, controlMessage{Problem: "the body cannot be read or is above 1 MiB"})
		return
	}
	value, err := do(r, raw)
	var wrong *InputError
	switch {
	case errors.As(err, &wrong):
		writeControl(w, http.StatusBadRequest, controlError(err))
	case err != nil:
		writeControl(w, http.StatusConflict, controlError(err))
	default:
		writeControl(w, http.StatusOK, value)
	}
}

func writeControl(w http.ResponseWriter, status int, value any) {
	a := JSON(status, value)
	w.Header().Set("Content-Type", a.Header.Get("Content-Type"))
	w.WriteHeader(a.Status)
	_, _ = w.Write(append(a.Body, '\n')) // a peer that has gone away is its own affair
}

func show(view func() any) act {
	return func(*http.Request, []byte) (any, error) { return view(), nil }
}
