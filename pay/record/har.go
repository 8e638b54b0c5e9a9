package record

import (
	"encoding/json"
	"io"

	"github.com/chromedp/cdproto/har"
)

// The types of package har hold the text of a body as bytes, which encoding/json would
// write as Base64. A recording is meant to be read before it is committed, so these
// write it as text. They also have the members that HAR 1.2 leaves to its writers, whose
// names begin with an underscore.

type archive struct {
	Log archiveLog `json:"log"`
}

type archiveLog struct {
	har.Log
	Entries []*entry `json:"entries"`
	LeftOut int      `json:"_leftOut,omitempty"`
}

type entry struct {
	har.Entry
	Response    *response         `json:"response"`
	OperationID string            `json:"_operationId,omitempty"`
	Attempt     int               `json:"_attempt,omitempty"`
	NotRecorded map[string]string `json:"_notRecorded,omitempty"`
	Error       string            `json:"_error,omitempty"`
}

type response struct {
	har.Response
	Content content `json:"content"`
}

type content struct {
	Size     int64  `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
}

// WriteTo writes what was recorded so far as HAR 1.2, in the order in which the requests
// began. A response that is still being read has no body. WriteTo can be called again,
// also while calls run.
func (r *Recorder) WriteTo(w io.Writer) (int64, error) {
	out, err := r.encode()
	if err != nil {
		return 0, err
	}
	n, err := w.Write(out)
	return int64(n), err
}

func (r *Recorder) encode() ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := archive{Log: archiveLog{
		Log:     har.Log{Version: "1.2", Creator: &har.Creator{Name: "specpay", Version: "1", Comment: "redacted: values that the spec does not allow are replaced"}},
		Entries: r.entries, LeftOut: r.leftOut,
	}}
	if a.Log.Entries == nil {
		a.Log.Entries = []*entry{}
	}
	out, err := json.MarshalIndent(a, "", "  ")
	return append(out, '\n'), err
}

// LeftOut returns how many requests were not recorded because of a limit.
func (r *Recorder) LeftOut() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.leftOut
}
