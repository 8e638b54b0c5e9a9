package sandbox

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// controlLimit is the largest request body of a control call.
const controlLimit = 64 << 10

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
		"ledger":     {http.MethodGet: readOnly(func() any { return s.ledger.log() })},
		"requests":   {http.MethodGet: readOnly(func() any { return s.requests.log() })},
		"deliveries": {http.MethodGet: readOnly(func() any { return s.sender.log.log() })},
		"dropped":    {http.MethodGet: readOnly(func() any { return s.Dropped() })},
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
	// A page of another origin can send every other type without asking first.
	sent := r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(sent); r.Method == http.MethodPost && (err != nil || media != "application/json") {
		writeControl(w, http.StatusUnsupportedMediaType, controlMessage{Problem: fmt.Sprintf("Content-Type is %.100q; it must be application/json", sent)})
		return
	}
	raw, err := readBody(w, r, controlLimit)
	if err != nil || len(raw) > controlLimit {
		w.Header().Set("Connection", "close")
		writeControl(w, http.StatusRequestEntityTooLarge, controlMessage{Problem: "the body did not arrive in time or is larger than 64 KiB"})
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
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin") // other pages cannot embed it as a script or an image
	w.WriteHeader(a.Status)
	_, _ = w.Write(append(a.Body, '\n')) // fails if the client has disconnected
}

// ReadOnly returns a route of a provider that takes an empty object and returns what
// view returns.
func ReadOnly(view func() any) func(*http.Request, []byte) (any, error) {
	return func(_ *http.Request, raw []byte) (any, error) {
		if _, err := Decode[struct{}](raw, "{}"); err != nil {
			return nil, err
		}
		return view(), nil
	}
}

func readOnly(view func() any) controlFunc {
	return func(*http.Request, []byte) (any, error) { return view(), nil }
}
