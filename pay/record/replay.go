package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// ReplayOption configures a Player.
type ReplayOption func(*Player) error

// WithSigner lets sign add to the header of each response before it is returned, as the
// provider does. A recording has no valid signature. It is needed for a client that
// verifies responses: sign with a key pair of the test, whose public half is in the
// client's credentials. sign must not be nil.
func WithSigner(sign func(r *http.Request, header http.Header, body []byte)) ReplayOption {
	return func(p *Player) error {
		if sign == nil {
			return errors.New("record: WithSigner: the function is nil; omit the option for a provider that does not sign responses")
		}
		p.sign = sign
		return nil
	}
}

// Player is an http.RoundTripper that responds from a recording. It is safe for
// concurrent use. The zero value is not usable; see [Replay].
type Player struct {
	spec *model
	sign func(r *http.Request, header http.Header, body []byte)

	mu    sync.Mutex
	steps []*step
	bound map[string]string // JSON of what stands for placeholders
}

type step struct {
	*entry
	number   int
	op       *route
	segments []string
	query    url.Values
	body     *tree
	again    *tree // the body as a recorder writes it: what was replaced has other placeholders
	used     bool
}

// Replay returns a round tripper that responds to requests with a recording that a
// [Recorder] has written, for the same spec. Each recorded response is used once, in
// the recorded order among requests that look alike: the same method, path, names in the
// query and form of the body, and the same values where the recording has them. Times may
// differ. What the request has in place of a placeholder replaces it in all responses
// that follow, so that a response repeats the request as it did when it was recorded.
//
// A recorded failure without response is returned as an error. So is a request that is
// not in the recording, and a response whose body was not recorded.
func Replay(spec, recording []byte, opts ...ReplayOption) (*Player, error) {
	m, err := readSpec(spec)
	if err != nil {
		return nil, err
	}
	var a archive
	if err := json.Unmarshal(recording, &a); err != nil || a.Log.Creator == nil || a.Log.Version != "1.2" {
		return nil, errors.New("record: the recording cannot be read as HAR 1.2; want the file that WriteTo has written")
	}
	p := &Player{spec: m, bound: map[string]string{}}
	for i, e := range a.Log.Entries {
		if e == nil || e.Request == nil || e.Response == nil {
			return nil, fmt.Errorf("record: entry %d of the recording has no request or no response", i+1)
		}
		u, err := url.Parse(e.Request.URL)
		if err != nil {
			return nil, fmt.Errorf("record: entry %d of the recording has an invalid URL", i+1)
		}
		s := &step{entry: e, number: i + 1, query: u.Query()}
		s.op, s.segments = m.find(e.Request.Method, u.EscapedPath())
		if s.op == nil {
			s.segments = strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
		}
		if e.Request.PostData != nil {
			s.body = parse(e.Request.PostData.Text)
			if s.again = p.again(s.op, e.Request.PostData.Text); s.again == nil {
				s.again = s.body
			}
		}
		p.steps = append(p.steps, s)
	}
	for _, o := range opts {
		if o == nil {
			return nil, errors.New("record: an option is nil; omit it")
		}
		if err := o(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// keeper returns a keeper whose placeholders are compared only.
func (m *model) keeper(above int) *keeper {
	return &keeper{vault: &vault{spec: m, key: make([]byte, 32), number: map[[16]byte]int{}, above: above}}
}

// otherNumbers is above the numbers of all placeholders of a recording.
const otherNumbers = 10 * maxNumbered

// again redacts a recorded body once more. What the recorder kept stays as it is.
func (p *Player) again(op *route, body string) *tree {
	text, err := p.spec.keeper(otherNumbers).json(schemas(op.request()), []byte(body))
	if err != nil {
		return nil
	}
	return parse(string(text))
}

// Unused names the recorded requests that were not made yet, such as
// "3. GET /v2/invoice/{invoice_id} (getInvoice)".
func (p *Player) Unused() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.unused()
}

func (p *Player) unused() (names []string) {
	for _, s := range p.steps {
		if !s.used {
			names = append(names, fmt.Sprintf("%d. %s", s.number, title(s.Request.Method, s.op)))
		}
	}
	return names
}

func title(method string, op *route) string {
	if op == nil {
		return method + " of a path that the spec does not have"
	}
	return fmt.Sprintf("%s /%s (%s)", method, strings.Join(op.segments, "/"), op.id)
}

// maxReplayed limits the body of a request.
const maxReplayed = 64 << 20

// RoundTrip implements http.RoundTripper.
func (p *Player) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		read, err := io.ReadAll(io.LimitReader(req.Body, maxReplayed))
		if closed := req.Body.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return nil, err
		}
		body = read
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	s, bound, err := p.next(req, body)
	if err != nil {
		return nil, err
	}
	switch why := s.NotRecorded["response"]; {
	case s.Error == "timeout":
		return nil, fmt.Errorf("record: the recorded request timed out: %w", context.DeadlineExceeded)
	case s.Error == "canceled":
		return nil, fmt.Errorf("record: the recorded request was canceled: %w", context.Canceled)
	case s.Error != "" || s.Response.Status == 0:
		return nil, errors.New("record: the recorded request failed without a response")
	case why != "":
		return nil, fmt.Errorf("record: the response to recorded request %d has no body, because %s", s.number, why)
	}
	return p.response(req, s, bound), nil
}

// next finds the recorded request that looks like this one and marks it as used.
func (p *Player) next(req *http.Request, body []byte) (*step, map[string]string, error) {
	op, segments := p.spec.find(req.Method, req.URL.EscapedPath())
	if op == nil {
		segments = strings.Split(strings.Trim(req.URL.EscapedPath(), "/"), "/")
	}
	k := p.spec.keeper(0)
	redacted, err := k.json(schemas(op.request()), body)
	var raw, short *tree
	if err == nil {
		raw, short = parse(string(body)), parse(string(redacted))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	differs := ""
	for _, strict := range []bool{true, false} {
		for _, s := range p.steps {
			found := map[string]string{}
			if s.used || s.op != op || s.Request.Method != method(req.Method) || !s.path(segments, found) {
				continue
			}
			if at := s.difference(req.URL.Query(), k, short, raw, found); at != "" {
				if differs == "" {
					differs = fmt.Sprintf("; recorded request %d differs in %s", s.number, at)
				}
				continue
			}
			if strict && p.contradicts(found) {
				continue
			}
			s.used = true
			maps.Copy(p.bound, found)
			return s, maps.Clone(p.bound), nil
		}
	}
	left := p.unused()
	more := ""
	if len(left) > 10 {
		left, more = left[:10], fmt.Sprintf(" and %d more", len(left)-10)
	}
	return nil, nil, fmt.Errorf("record: %s is not in the recording, or was used%s; left are [%s]%s", title(method(req.Method), op), differs, strings.Join(left, ", "), more)
}

// difference says where the query and the body differ from the recorded ones; "" if they do not.
func (s *step) difference(query url.Values, k *keeper, short, raw *tree, found map[string]string) string {
	if !s.parameters(query, k, found) {
		return "the query"
	}
	if s.NotRecorded["request"] != "" || s.body == nil && short == nil {
		return ""
	}
	if s.body == nil || short == nil {
		return "the body"
	}
	at, equal := same(s.body, s.again, short, raw, found)
	switch {
	case equal:
		return ""
	case at == "":
		return "the body"
	}
	return at + " of the body"
}

// contradicts reports whether a placeholder already stands for something else.
func (p *Player) contradicts(found map[string]string) bool {
	for placeholder, value := range found {
		if before, bound := p.bound[placeholder]; bound && before != value {
			return true
		}
	}
	return false
}

// path compares the segments of a path.
func (s *step) path(segments []string, found map[string]string) bool {
	if len(segments) != len(s.segments) {
		return false
	}
	for i, segment := range segments {
		switch {
		case s.op != nil && parameter(s.op.segments[i]), s.op == nil && strings.HasPrefix(s.segments[i], prefix):
			bind(string(encode(unescapePath(s.segments[i]))), string(encode(unescapePath(segment))), found)
		case s.segments[i] != segment:
			return false
		}
	}
	return true
}

func unescapePath(s string) string {
	if text, err := url.PathUnescape(s); err == nil {
		return text
	}
	return s
}

// parameters compares a query.
func (s *step) parameters(query url.Values, k *keeper, found map[string]string) bool {
	if len(query) != len(s.query) {
		return false
	}
	for name, values := range query {
		list := s.op.parameter(openapi3.ParameterInQuery, name)
		recorded := s.query[name]
		if list == nil && recorded == nil {
			continue // the name may be replaced
		}
		if len(recorded) != len(values) {
			return false
		}
		for i, v := range values {
			again := k.spec.keeper(otherNumbers).word(list, recorded[i])
			if !sameValue(string(encode(recorded[i])), string(encode(again)), string(encode(k.word(list, v))), string(encode(v)), found) {
				return false
			}
		}
	}
	return true
}

func (p *Player) response(req *http.Request, s *step, bound map[string]string) *http.Response {
	body := s.Response.Content.Text
	if t := parse(body); t != nil {
		var b strings.Builder
		t.write(&b, bound)
		body = b.String()
	}
	resp := &http.Response{
		Status: fmt.Sprintf("%d %s", s.Response.Status, s.Response.StatusText), StatusCode: int(s.Response.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader([]byte(body))), Request: req,
	}
	left := []string{"content-encoding", "content-length", "signature"}
	for _, h := range s.Response.Headers {
		if !slices.Contains(left, strings.ToLower(h.Name)) {
			resp.Header.Add(h.Name, h.Value)
		}
	}
	if resp.Header.Get("Date") == "" {
		resp.Header.Set("Date", s.started().UTC().Format(http.TimeFormat))
	}
	if p.sign != nil {
		p.sign(req, resp.Header, []byte(body))
	}
	return resp
}

// started returns when the request was recorded.
func (s *step) started() time.Time {
	at, err := time.Parse(time.RFC3339, s.StartedDateTime)
	if err != nil {
		return time.Time{}
	}
	return at
}
