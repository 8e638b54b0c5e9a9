package sandbox

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// controlMessage is the body of a failed control call.
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

// controlFunc handles a control call. It receives the body and returns the value of
// the response.
type controlFunc func(r *http.Request, raw []byte) (any, error)

// controlRoutes returns the handler of the control routes.
func (s *Sandbox) controlRoutes() http.Handler {
	routes := map[string]map[string]controlFunc{
		"pay":        {http.MethodPost: s.controlPay},
		"fail-next":  {http.MethodPost: s.controlFail},
		"fault":      {http.MethodPost: s.controlFault},
		"clock":      {http.MethodPost: s.controlClock, http.MethodGet: readOnly(s.clockView)},
		"config":     {http.MethodPost: s.controlConfig, http.MethodGet: readOnly(s.configView)},
		"reset":      {http.MethodPost: s.controlReset},
		"ledger":     {http.MethodGet: readOnly(func() any { return s.ledger.All() })},
		"requests":   {http.MethodGet: readOnly(func() any { return s.requests.all() })},
		"deliveries": {http.MethodGet: readOnly(func() any { return s.sender.log.all() })},
		"codes":      {http.MethodGet: readOnly(func() any { return s.codes() })},
		"guesses":    {http.MethodGet: readOnly(func() any { return s.guesses() })},
	}
	for path, fn := range s.provider.Routes {
		routes[path] = map[string]controlFunc{http.MethodPost: fn}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		methods, found := routes[strings.TrimPrefix(r.URL.Path, controlPrefix)]
		if !found {
			writeControl(w, http.StatusNotFound, controlMessage{Problem: "unknown control route " + r.URL.Path, Known: sortedKeys(routes)})
			return
		}
		fn, found := methods[r.Method]
		if !found {
			allow := sortedKeys(methods)
			w.Header().Set("Allow", strings.Join(allow, ", "))
			writeControl(w, http.StatusMethodNotAllowed, controlMessage{Problem: r.Method + " is not allowed on " + r.URL.Path, Known: allow})
			return
		}
		runControl(w, r, fn)
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

func runControl(w http.ResponseWriter, r *http.Request, fn controlFunc) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		writeControl(w, http.StatusRequestEntityTooLarge, controlMessage{Problem: "the body cannot be read or is larger than 1 MiB"})
		return
	}
	value, err := fn(r, raw)
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
	_, _ = w.Write(append(a.Body, '\n')) // fails if the client has disconnected
}

func readOnly(view func() any) controlFunc {
	return func(*http.Request, []byte) (any, error) { return view(), nil }
}
