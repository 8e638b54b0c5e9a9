package record

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/har"
	"github.com/getkin/kin-openapi/openapi3"
)

// exchange is one request and its response while they pass.
type exchange struct {
	r        *Recorder
	e        *entry
	op       *route
	request  openapi3.Content
	encoding string // of the request body
	start    time.Time
	waited   time.Time // when the response arrived
	status   int
	header   struct{ encoding, media string } // of the response
	length   int64                            // of the response as announced, -1 if unknown
	size     int64                            // of the request body as announced, -1 if unknown
	sent     capture
	received capture
	once     sync.Once
}

// capture keeps the first bytes of a body.
type capture struct {
	mu    sync.Mutex
	limit int
	buf   []byte
	n     int64
	ended bool // its end was read
	done  bool
}

func (c *capture) write(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		return
	}
	c.n += int64(len(p))
	if room := c.limit + 1 - len(c.buf); room > 0 {
		c.buf = append(c.buf, p[:min(room, len(p))]...)
	}
}

func (c *capture) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
}

// whole reports whether the body of a size that was announced was captured to its end.
func (c *capture) whole(size int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended || size > 0 && c.n == size
}

// take returns what was captured and releases it.
func (c *capture) take() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	buf := c.buf
	c.buf, c.done = nil, true
	return buf
}

// tee captures the body of a request while the transport reads it.
type tee struct {
	io.ReadCloser
	to *capture
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.to.write(p[:max(0, min(n, len(p)))])
	if errors.Is(err, io.EOF) {
		t.to.end()
	}
	return n, err
}

// body captures the body of a response while the caller reads it.
type body struct {
	io.ReadCloser
	x *exchange
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.x.received.write(p[:max(0, min(n, len(p)))])
	switch {
	case errors.Is(err, io.EOF):
		b.x.end("")
	case err != nil:
		b.x.end("reading it failed: " + kindOf(err))
	}
	return n, err
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.x.closed()
	return err
}

// begin reserves an entry and redacts the request without its body. It returns nil if a
// limit is reached or the request cannot be recorded.
func (r *Recorder) begin(req *http.Request) (x *exchange) {
	defer func() {
		if recover() != nil {
			x = nil
			r.skip()
		}
	}()
	if req == nil || req.URL == nil || r.full() {
		return nil
	}
	op, segments := r.spec.find(req.Method, req.URL.EscapedPath())
	k := &keeper{vault: &r.vault}
	x = &exchange{r: r, op: op, request: op.request(), start: r.now(), size: req.ContentLength, encoding: headerOf(req.Header, "content-encoding")}
	x.sent.limit, x.received.limit = r.maxBody, r.maxBody
	query, text := k.query(req.URL.RawQuery, op)
	address := k.url(req, op, segments)
	if text != "" {
		address += "?" + text
	}
	x.e = &entry{NotRecorded: map[string]string{}, Response: &response{}, Entry: har.Entry{
		StartedDateTime: x.start.Format("2006-01-02T15:04:05.000Z07:00"),
		Cache:           &har.Cache{}, Timings: &har.Timings{},
		Request: &har.Request{
			Method: method(req.Method), URL: address, HTTPVersion: "HTTP/1.1", Cookies: []*har.Cookie{}, HeadersSize: -1, QueryString: query,
			Headers: k.headers(req.Header, func(name string) []*openapi3.Schema { return op.parameter(openapi3.ParameterInHeader, name) }),
		},
	}}
	x.e.Response.Response = har.Response{HTTPVersion: "HTTP/1.1", Cookies: []*har.Cookie{}, Headers: []*har.NameValuePair{}, HeadersSize: -1, BodySize: -1}
	if op != nil {
		x.e.OperationID = op.id
	}
	if req.Body != nil && req.Body != http.NoBody {
		x.e.Request.PostData = &har.PostData{MimeType: mediaType(headerOf(req.Header, "content-type")), Params: []*har.Param{}}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) >= r.maxEntries { // others began meanwhile
		r.leftOut++
		return nil
	}
	r.entries = append(r.entries, x.e)
	return x
}

// full reports whether a limit is reached, and counts the request if so.
func (r *Recorder) full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) < r.maxEntries && r.total < maxTotal {
		return false
	}
	r.leftOut++
	return true
}

func (r *Recorder) skip() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leftOut++
}

// method returns the method of a request, which could be any text.
func method(m string) string {
	switch m {
	case "":
		return http.MethodGet
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "OTHER"
}

// headerOf returns the first value of a header whose name may be in any case.
func headerOf(h http.Header, name string) string {
	for key, values := range h {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// arrived records the header of the response.
func (x *exchange) arrived(resp *http.Response) {
	x.waited, x.status, x.length = x.r.now(), resp.StatusCode, resp.ContentLength
	x.header.encoding, x.header.media = headerOf(resp.Header, "content-encoding"), mediaType(headerOf(resp.Header, "content-type"))
	k := &keeper{vault: &x.r.vault, openWords: true}
	var headers []*har.NameValuePair
	guard(func() {
		headers = k.headers(resp.Header, func(name string) []*openapi3.Schema { return x.op.header(resp.StatusCode, name) })
	})
	x.r.mu.Lock()
	defer x.r.mu.Unlock()
	to := x.e.Response
	to.Status, to.StatusText = int64(resp.StatusCode), http.StatusText(resp.StatusCode)
	to.Content.MimeType = x.header.media
	if resp.ProtoMajor == 2 {
		to.HTTPVersion, x.e.Request.HTTPVersion = "HTTP/2", "HTTP/2"
	}
	if headers != nil {
		to.Headers = headers
	}
	if headerOf(resp.Header, "location") != "" {
		to.RedirectURL = "https://redacted.example/"
	}
}

// guard keeps a fault of the recorder away from the call.
func guard(f func()) (ok bool) {
	defer func() { ok = recover() == nil }()
	f()
	return true
}

// fail records a request without a response.
func (x *exchange) fail(err error) {
	x.once.Do(func() {
		x.waited = x.r.now()
		x.finish("", kindOf(err))
	})
}

// end records a response whose body has ended.
func (x *exchange) end(problem string) { x.once.Do(func() { x.finish(problem, "") }) }

// closed records a response whose body was closed, perhaps before its end.
func (x *exchange) closed() {
	x.once.Do(func() {
		x.received.mu.Lock()
		complete := x.received.n == x.length
		x.received.mu.Unlock()
		if complete {
			x.finish("", "")
			return
		}
		x.finish("it was not read to its end", "")
	})
}

// finish redacts both bodies and releases them.
func (x *exchange) finish(problem, failure string) {
	ended := x.r.now()
	whole := x.e.Request.PostData == nil || x.sent.whole(x.size)
	sent := x.sent.take()
	received := x.received.take()
	var out, in recorded
	if !guard(func() {
		out = (&keeper{vault: &x.r.vault}).record(sent, x.encoding, requestMedia(x.e), schemas(x.request), x.r.maxBody)
	}) {
		out = recorded{problem: "the recorder failed"}
	}
	if !whole {
		out = recorded{problem: "it was not sent to its end"}
	}
	if !guard(func() { in = x.response(received, problem) }) {
		in = recorded{problem: "the recorder failed"}
	}
	x.r.mu.Lock()
	defer x.r.mu.Unlock()
	e := x.e
	e.Request.BodySize, e.Response.BodySize = int64(len(out.text)), int64(len(in.text))
	if e.Request.PostData != nil {
		e.Request.PostData.Text = out.text
		if out.params != nil {
			e.Request.PostData.Params = out.params
		}
	}
	e.Response.Content.Text, e.Response.Content.Size, e.Error = in.text, int64(len(in.text)), failure
	for side, problem := range map[string]string{"request": out.problem, "response": in.problem} {
		if problem != "" {
			e.NotRecorded[side] = problem
		}
	}
	x.r.total += len(out.text) + len(in.text)
	x.times(ended)
	key := sha256.Sum256([]byte(e.Request.Method + " " + e.Request.URL + "\n" + out.text))
	e.Attempt = x.r.attempts[key] + 1
	if x.status >= 400 || failure != "" {
		x.r.attempts[key] = e.Attempt
	} else {
		delete(x.r.attempts, key)
	}
}

func (x *exchange) times(ended time.Time) {
	ms := func(d time.Duration) float64 { return max(0, float64(d.Microseconds())/1000) }
	x.e.Timings.Wait, x.e.Timings.Receive = ms(x.waited.Sub(x.start)), ms(ended.Sub(x.waited))
	x.e.Time = x.e.Timings.Wait + x.e.Timings.Receive
}

func requestMedia(e *entry) string {
	if e.Request.PostData == nil {
		return ""
	}
	return e.Request.PostData.MimeType
}

func (x *exchange) response(received []byte, problem string) recorded {
	if problem != "" {
		return recorded{problem: problem}
	}
	list := schemas(x.op.response(x.status))
	if x.op != nil {
		list = append(list, x.op.failures()...)
	}
	return (&keeper{vault: &x.r.vault, openWords: true}).record(received, x.header.encoding, x.header.media, list, x.r.maxBody)
}

// recorded is what the recording has of a body.
type recorded struct {
	text    string
	params  []*har.Param
	problem string // why the body is not recorded
}

// record redacts a body of any kind.
func (k *keeper) record(raw []byte, encoding, media string, list []*openapi3.Schema, limit int) recorded {
	if strings.EqualFold(encoding, "gzip") && len(raw) <= limit {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err == nil {
			raw, err = io.ReadAll(io.LimitReader(z, int64(limit)+1))
		}
		if err != nil {
			return recorded{problem: "it is not gzip"}
		}
	} else if encoding != "" && !strings.EqualFold(encoding, "identity") && !strings.EqualFold(encoding, "gzip") {
		return recorded{problem: "its content encoding is not supported"}
	}
	trimmed := bytes.TrimSpace(raw)
	switch {
	case len(raw) > limit:
		return recorded{problem: "it is too large"}
	case len(trimmed) == 0:
		return recorded{}
	case media == "application/x-www-form-urlencoded":
		params, text := k.form(list, string(raw))
		return recorded{params: params, text: text}
	case trimmed[0] == '{' || trimmed[0] == '[' || strings.HasSuffix(media, "json"):
		out, err := k.json(list, raw)
		if err != nil {
			return recorded{problem: err.Error()}
		}
		return recorded{text: string(out)}
	}
	if text := k.spec.errorText(string(raw)); text != "" {
		return recorded{text: text}
	}
	return recorded{problem: "it is text that the spec does not list"}
}
