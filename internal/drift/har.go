package drift

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/chromedp/cdproto/har"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The limits on a recording, far above the size of real ones.
const (
	MaxFile    = 512 << 20 // bytes of one file
	MaxEntries = 1_000_000 // of one file
	maxBody    = 8 << 20   // bytes of a body that is compared
)

// entry has the members of a HAR entry that are compared. It is more lenient than the
// types of the HAR library: exporters leave members out and write some with other types.
type entry struct {
	Started  string `json:"startedDateTime"`
	Request  *request
	Response *response
	// Members that pay/record adds: the number of the attempt, which is at least 1, and why
	// a body was not recorded.
	Attempt     int                                `json:"_attempt"`
	NotRecorded struct{ Request, Response string } `json:"_notRecorded"`
}

type request struct {
	Method   string               `json:"method"`
	URL      string               `json:"url"`
	Headers  []*har.NameValuePair `json:"headers"`
	PostData *postData            `json:"postData"`
}

type postData struct {
	MimeType string       `json:"mimeType"`
	Text     *string      `json:"text"`
	Encoding string       `json:"encoding"`
	Params   []*har.Param `json:"params"`
}

type response struct {
	Status  float64              `json:"status"`
	Headers []*har.NameValuePair `json:"headers"`
	Content *content             `json:"content"`
}

type content struct {
	Size     float64 `json:"size"`
	MimeType string  `json:"mimeType"`
	Text     *string `json:"text"` // nil: not recorded
	Encoding string  `json:"encoding"`
}

// InputError reports input that cannot be used.
type InputError struct{ Text string }

// Error says what is wrong with which file.
func (e *InputError) Error() string { return e.Text }

func inputErrorf(format string, args ...any) error {
	return &InputError{fmt.Sprintf(format, args...)}
}

// readHAR calls visit for each entry of a HAR, in order. It keeps one entry in memory at a
// time.
func readHAR(name string, r io.Reader, visit func(index int, e *entry)) error {
	in := bufio.NewReader(&io.LimitedReader{R: r, N: MaxFile + 1})
	if mark, err := in.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = in.Discard(3)
	}
	h := &harReader{name: name, visit: visit,
		in: jsontext.NewDecoder(in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	if err := h.document(); err != nil {
		return err
	}
	if !h.found {
		return inputErrorf("%s is not a HAR file: it has no log.entries", h.name)
	}
	return nil
}

// harReader reads a HAR as a stream of tokens.
type harReader struct {
	name  string
	in    *jsontext.Decoder
	visit func(int, *entry)
	found bool // entries were found
}

func (h *harReader) document() error {
	if h.in.PeekKind() != '{' {
		return h.broken("a HAR file is a JSON object with the member log", h.peekError())
	}
	if err := h.members(map[string]func() error{"log": h.log}); err != nil {
		return err
	}
	if _, err := h.in.ReadToken(); !errors.Is(err, io.EOF) {
		return h.broken("there is data after the JSON document", nil)
	}
	return nil
}

func (h *harReader) log() error {
	if h.in.PeekKind() != '{' {
		return h.broken("log is not a JSON object", h.peekError())
	}
	return h.members(map[string]func() error{"entries": h.entries})
}

// members reads an object and skips the members that are not in read.
func (h *harReader) members(read map[string]func() error) error {
	if _, err := h.in.ReadToken(); err != nil {
		return h.broken("", err)
	}
	for h.in.PeekKind() == '"' {
		name, err := h.in.ReadToken()
		if err != nil {
			return h.broken("", err)
		}
		if next := read[name.String()]; next != nil {
			err = next()
		} else if err = h.in.SkipValue(); err != nil {
			err = h.broken("", err)
		}
		if err != nil {
			return err
		}
	}
	if _, err := h.in.ReadToken(); err != nil {
		return h.broken("", err)
	}
	return nil
}

func (h *harReader) entries() error {
	if h.in.PeekKind() != '[' {
		return h.broken("log.entries is not a JSON array", h.peekError())
	}
	h.found = true
	if _, err := h.in.ReadToken(); err != nil {
		return h.broken("", err)
	}
	for n := 0; h.in.PeekKind() != ']'; n++ {
		if n >= MaxEntries {
			return inputErrorf("%s has more than %d entries; split it", h.name, MaxEntries)
		}
		e := new(entry)
		if err := json.UnmarshalDecode(h.in, e, json.MatchCaseInsensitiveNames(true), lenient()); err != nil {
			return h.entryError(n, err)
		}
		h.visit(n, e)
	}
	if _, err := h.in.ReadToken(); err != nil {
		return h.broken("", err)
	}
	return nil
}

// lenient reads null as the zero value of a string, as some exporters write it.
func lenient() json.Options {
	return json.WithUnmarshalers(json.UnmarshalFromFunc(func(in *jsontext.Decoder, s *string) error {
		switch in.PeekKind() {
		case 'n', '0', 't', 'f', '{', '[':
			return in.SkipValue()
		}
		token, err := in.ReadToken()
		if err == nil {
			*s = token.String()
		}
		return err
	}))
}

func (h *harReader) entryError(n int, err error) error {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok && !errors.Is(err, io.ErrUnexpectedEOF) {
		return inputErrorf("%s, entry %d, %s: a JSON %s is not possible here; this is not a HAR entry", h.name, n, showPointer(string(semantic.JSONPointer)), kindName(semantic.JSONKind))
	}
	return h.broken("", err)
}

// showPointer returns a pointer of a document without the names that a spec does not
// have.
func showPointer(pointer string) string {
	tokens := strings.Split(pointer, "/")
	for i, t := range tokens {
		tokens[i] = showName(t)
	}
	return strings.Join(tokens, "/")
}

// peekError returns the error of a peek that failed; nil if it found another value.
func (h *harReader) peekError() error {
	if h.in.PeekKind() != 0 {
		return nil
	}
	_, err := h.in.ReadToken()
	return err
}

// broken reports what is wrong at the current position. The text of a decoder's error
// can contain parts of the input, so it is not used.
func (h *harReader) broken(text string, err error) error {
	at := h.in.InputOffset()
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = syntax.ByteOffset
	}
	switch {
	case at > MaxFile:
		return inputErrorf("%s is larger than %d bytes; split it", h.name, MaxFile)
	case err == nil:
		return inputErrorf("%s is not a HAR file: %s (byte %d)", h.name, text, at)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return inputErrorf("%s is not a complete HAR file: it ends at byte %d", h.name, at)
	}
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); !ok {
		return inputErrorf("%s cannot be read: %v", h.name, err)
	}
	return inputErrorf("%s is not a HAR file: it is not valid JSON at byte %d", h.name, at)
}

// time returns the time of an entry, "" if it has none that can be read.
func (e *entry) time() string {
	t, err := time.Parse(time.RFC3339Nano, e.Started)
	if err != nil {
		return ""
	}
	return t.Format(time.RFC3339)
}

// header returns the first value of a header.
func header(headers []*har.NameValuePair, name string) string {
	for _, h := range headers {
		if h != nil && strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// body is the body of a message.
type body struct {
	media    string // without parameters, in lower case; "" if it is not known
	data     []byte
	recorded bool
	leftOut  bool           // data stands for a body that pay/record left out as unreadable
	params   map[string]any // of a form
}

func decodeText(text *string, encoding string) (data []byte, ok bool) {
	if text == nil || len(*text) > maxBody*4/3+4 {
		return nil, false
	}
	if strings.EqualFold(encoding, "base64") {
		data, err := base64.StdEncoding.DecodeString(*text)
		return data, err == nil && len(data) <= maxBody
	}
	return []byte(*text), len(*text) <= maxBody
}

// requestBody returns the body of a request. Without one in the recording it is known
// to be empty only if the size says so, and exporters disagree about that.
func (e *entry) requestBody() body {
	p := e.Request.PostData
	b := body{media: mediaType(header(e.Request.Headers, "Content-Type"))}
	if p == nil {
		return b
	}
	if b.media == "" {
		b.media = mediaType(p.MimeType)
	}
	if e.NotRecorded.Request != "" {
		return b
	}
	b.data, b.recorded = decodeText(p.Text, p.Encoding)
	if len(p.Params) > 0 && len(b.data) == 0 {
		b.recorded, b.params = true, map[string]any{}
		for _, param := range p.Params {
			if param != nil {
				b.params[param.Name] = param.Value
			}
		}
	}
	return b
}

// notDeclared are the reasons for which pay/record leaves out a whole body that is not what
// the spec declares.
var notDeclared = map[string]bool{"it is not one JSON document": true, "it is not UTF-8": true, "it is text that the spec does not list": true}

// responseBody returns the body of a response.
func (e *entry) responseBody() body {
	b := body{media: mediaType(header(e.Response.Headers, "Content-Type"))}
	c := e.Response.Content
	if c == nil {
		return b
	}
	if b.media == "" && c.MimeType != "x-unknown" {
		b.media = mediaType(c.MimeType)
	}
	if notDeclared[e.NotRecorded.Response] {
		b.data, b.recorded, b.leftOut = []byte("(unreadable)"), true, true
	}
	if e.NotRecorded.Response == "" && (c.Size <= 0 || c.Text == nil || *c.Text != "") {
		b.data, b.recorded = decodeText(c.Text, c.Encoding)
	}
	return b
}
