package drift_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/drift"
)

// TestBrowserExport reads a recording with what browsers add and leave out: members of
// their own, pages, bodies in Base64 or missing, preflights, pseudo headers, requests
// that were blocked, and requests to other hosts.
func TestBrowserExport(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte(with(`"x":1`)))
	text := strings.ReplaceAll(browser, "BASE64", encoded)
	report := compare(t, load(t, "things.yaml"), file(t, "browser.har", "\ufeff"+text))
	expect(t, "browser", lines(report), []string{"unknown-member response /x: integer", "undeclared-parameter request header:x-thing-extra: present"})
	got := fmt.Sprintf("%d %d %v %v %d %d %d", report.Entries, report.Compared, report.Hosts, report.OtherHosts, report.Preflights, report.NoResponse, report.NoBody)
	if want := "7 4 [api.example] map[(unreadable):1 metrics.example:1] 1 1 2"; got != want {
		t.Errorf("got %s, want %s (entries, compared, hosts, other hosts, preflights, no response, no body)", got, want)
	}
}

const browser = `{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"comment":null,
"pages":[{"startedDateTime":"2026-01-02T03:04:05.678Z","id":"page_1","title":"https://shop.example/","pageTimings":{"onLoad":null}}],
"entries":[
{"_connectionId":"12","_initiator":{"type":"script","stack":{"callFrames":[{"url":"https://shop.example/app.js"}]}},"_priority":"High","_resourceType":"fetch","cache":{},"connection":"443","pageref":"page_1",
 "request":{"method":"GET","url":"https://api.example/things/1","httpVersion":"http/2.0","headers":[{"name":":authority","value":"api.example"},{"name":":method","value":"GET"},{"name":"X-Thing-Extra","value":"1"},{"name":"sec-ch-ua","value":"x"}],"queryString":[],"cookies":[{"name":"a","value":"b","expires":null,"httpOnly":false,"secure":true,"sameSite":"Lax"}],"headersSize":-1,"bodySize":0},
 "response":{"status":200,"statusText":"","httpVersion":"http/2.0","headers":[{"name":"content-type","value":"application/json; charset=utf-8"}],"cookies":[],"content":{"size":60,"mimeType":"application/json","text":"BASE64","encoding":"base64","compression":0},"redirectURL":"","headersSize":-1,"bodySize":-1,"_transferSize":100,"_error":null,"_fetchedViaServiceWorker":false},
 "serverIPAddress":"192.0.2.1","startedDateTime":"2026-01-02T03:04:05.678Z","time":12.5,"timings":{"blocked":1,"dns":-1,"ssl":-1,"connect":-1,"send":0.1,"wait":2,"receive":1,"_blocked_queueing":0.5}},
{"startedDateTime":"2026-01-02T03:04:05Z","request":{"method":"GET","url":"https://api.example/things/2","headers":[]},"response":{"status":200,"headers":[],"content":{"size":91,"mimeType":"application/json"}}},
{"startedDateTime":"later","request":{"method":"GET","url":"https://api.example/things/3","headers":null,"postData":null},"response":{"status":200,"headers":[null],"content":{"size":91,"mimeType":"application/json","text":""}}},
{"request":{"method":"OPTIONS","url":"https://api.example/things","headers":[{"name":"access-control-request-method","value":"POST"}]},"response":{"status":204,"headers":[],"content":{"size":0,"mimeType":"x-unknown"}}},
{"request":{"method":"DELETE","url":"https://api.example/things/4","headers":[]},"response":{"status":0,"statusText":"","headers":[],"content":{"size":0,"mimeType":"x-unknown"},"_error":"net::ERR_BLOCKED_BY_CLIENT"}},
{"request":{"method":"POST","url":"https://metrics.example/collect","headers":[],"postData":{"mimeType":"text/plain","text":"x"}},"response":{"status":204}},
{"request":{"method":"GET","url":"data:image/png;base64,AA","headers":[]},"response":{"status":200,"content":{}}}
]}}`

// TestForms: a form is compared like an object, from its text or from its parameters.
func TestForms(t *testing.T) {
	const form = `{"log":{"entries":[
{"request":{"method":"POST","url":"https://api.example/things","postData":{"mimeType":"application/x-www-form-urlencoded","text":"count=1&extra=2"}}},
{"request":{"method":"POST","url":"https://api.example/things","postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"name","value":"a"},{"name":"count","value":"many"}]}}}]}}`
	report := compare(t, load(t, "things.yaml"), file(t, "form.har", form))
	expect(t, "form", lines(report), []string{"missing-member request /name: absent", "unknown-member request /extra: string", "type request /count: string of 4 characters"})
}

// TestOwnRecordings: pay/record says why it left a body out, and replaces numbers by ones
// that can be above a maximum.
func TestOwnRecordings(t *testing.T) {
	const text = `{"log":{"_leftOut":3,"entries":[{"_operationId":"createThing","_attempt":1,"_notRecorded":{"request":"too large","response":"too large"},
"request":{"method":"POST","url":"https://api.example/things","postData":{"mimeType":"application/json","text":""}},
"response":{"status":201,"headers":[],"content":{"size":0,"mimeType":"application/json","text":""}}},
{"_attempt":1,"request":{"method":"GET","url":"https://api.example/things/1"},"response":{"status":200,"content":{"mimeType":"application/json","text":"{\"id\":\"A1\",\"state\":\"open\",\"amount\":\"1\",\"share\":900000001}"}}}]}}`
	report := compare(t, load(t, "things.yaml"), file(t, "left.har", text))
	if report.Drift() || report.NoBody != 1 {
		t.Errorf("got %v and %d bodies that were not recorded, want no difference and 1", lines(report), report.NoBody)
	}
}

// TestUnreadableOwnRecordings: a body that pay/record left out because it is not what the spec
// declares is a difference.
func TestUnreadableOwnRecordings(t *testing.T) {
	for reason, want := range map[string][]string{
		"it is not one JSON document":            {"unreadable-body response : a body that was not recorded"},
		"it is not UTF-8":                        {"unreadable-body response : a body that was not recorded"},
		"it is text that the spec does not list": {"unreadable-body response : a body that was not recorded"},
		"it was not read to its end":             nil,
	} {
		text := `{"log":{"entries":[{"_attempt":1,"_notRecorded":{"response":"` + reason + `"},"request":{"method":"GET","url":"https://api.example/things/1"},
"response":{"status":200,"headers":[],"content":{"size":0,"mimeType":"application/json","text":""}}}]}}`
		expect(t, reason, lines(compare(t, load(t, "things.yaml"), file(t, "left.har", text))), want)
	}
}

// TestHosts: requests to the spec's servers are compared, or to the hosts that are named,
// or else to hosts that have an operation of the spec.
func TestHosts(t *testing.T) {
	spec := load(t, "things.yaml")
	local := exchange{url: "http://127.0.0.1:4011/things/1", body: with(`"x":1`)}
	other := exchange{url: "https://elsewhere.example/else", body: "{}"}
	if got := compare(t, spec, har(t, local, other)); len(got.Findings) != 1 || got.OtherHosts["elsewhere.example"] != 1 {
		t.Errorf("another host with operations: got %v, other hosts %v; want one difference", lines(got), got.OtherHosts)
	}
	if got := compare(t, spec, har(t, local, exchange{body: sound})); got.Drift() || got.OtherHosts["127.0.0.1:4011"] != 1 {
		t.Errorf("with a server of the spec: got %v, other hosts %v; want no difference", lines(got), got.OtherHosts)
	}
	got, err := spec.Compare([]string{"127.0.0.1:4011"}, []string{har(t, local, exchange{body: sound})})
	if err != nil || len(got.Findings) != 1 {
		t.Errorf("host that is named: got %v, %v; want one difference", got, err)
	}
}

// TestUnusableInput: an error says what is wrong with which file and where, without its
// contents.
func TestUnusableInput(t *testing.T) {
	spec := load(t, "things.yaml")
	deep := `{"log":{"entries":[` + strings.Repeat("[", 100_000)
	for name, test := range map[string]struct{ text, want string }{
		"not JSON":            {"canary\n", "not valid JSON at byte 0"},
		"empty":               {"", "it ends at byte 0"},
		"another document":    {`{"canary":1}`, "no log.entries"},
		"an array":            {`[]`, "a HAR file is a JSON object with the member log (byte 0)"},
		"log of another type": {`{"log":["canary"]}`, "log is not a JSON object"},
		"entries of another":  {`{"log":{"entries":{"canary":1}}}`, "log.entries is not a JSON array"},
		"broken":              {`{"log":{"entries":[{"request":{"url":"canary}]}}`, "it ends at byte"},
		"broken in the midst": {`{"log":{"entries":[{"request":{"method":canary}}]}}`, "not valid JSON at byte 40"},
		"cut":                 {`{"log":{"entries":[{"request":{}}`, "it ends at byte 33"},
		"data after the end":  {`{"log":{"entries":[]}} {"canary":1}`, "there is data after the JSON document"},
		"another type":        {`{"log":{"entries":[{"request":{"headers":"canary"}}]}}`, "entry 0"},
		"too deep":            {deep, "entry 0"},
		"no entries":          {`{"log":{"entries":[]}}`, "the recording has no entries"},
		"another API":         {`{"log":{"entries":[{"request":{"method":"GET","url":"https://user:canary@other.example/x?canary=1"}}]}}`, "no entry matches an operation of things.yaml; the recording has requests to other.example"},
	} {
		_, err := spec.Compare(nil, []string{file(t, "input.har", test.text)})
		var unusable *drift.InputError
		if !errors.As(err, &unusable) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: got the error %v, want one that says %q", name, err, test.want)
		}
	}
	if _, err := spec.Compare(nil, []string{filepath.Join(t.TempDir(), "none.har")}); err == nil {
		t.Error("a file that does not exist: got success, want an error")
	}
	for name, text := range map[string]string{"not a spec": "a: b", "broken": "openapi: [", "no paths": "openapi: 3.0.3\ninfo: {title: a, version: b}\npaths: {}\n"} {
		if _, err := drift.LoadSpec(file(t, "spec.yaml", text)); err == nil {
			t.Errorf("spec: %s: got success, want an error", name)
		}
	}
}

// TestHostileRecordings: invalid UTF-8, deep bodies, bodies that cost much and many
// different findings are handled within limits.
func TestHostileRecordings(t *testing.T) {
	spec := load(t, "things.yaml")
	deep := with(`"child":` + strings.Repeat(`{"child":`, 3000) + `{"x":1}` + strings.Repeat("}", 3001))
	if report := compare(t, spec, har(t, exchange{body: deep}, exchange{body: strings.Repeat("[", 20_000)})); report.Compared != 2 {
		t.Errorf("deep bodies: got %d entries compared, want 2", report.Compared)
	}
	costly := with(`"tree":` + strings.Repeat(`{"tree":`, 60) + `{}` + strings.Repeat("}", 61))
	if report := compare(t, spec, har(t, exchange{body: costly})); report.Compared != 1 {
		t.Errorf("costly body: got %d entries compared, want 1", report.Compared)
	}
	invalid := strings.ReplaceAll(`{"log":{"entries":[{"request":{"method":"GET","url":"https://api.example/things/1"},"response":{"status":200,"content":{"mimeType":"application/json","text":"{\"id\":\"XX\"}"}}}]}}`, "XX", "\xff\xfe")
	expect(t, "invalid UTF-8", lines(compare(t, spec, file(t, "invalid.har", invalid))), []string{"missing-member response /amount: absent", "missing-member response /state: absent"})
	var many bytes.Buffer
	many.WriteString(`{"log":{"entries":[`)
	for i := range 6000 {
		body, _ := json.Marshal(with(fmt.Sprintf(`"m%c%c%c":1`, 'a'+i/676%26, 'a'+i/26%26, 'a'+i%26)))
		fmt.Fprintf(&many, `%s{"request":{"method":"GET","url":"https://api.example/things/1"},"response":{"status":200,"content":{"mimeType":"application/json","text":%s}}}`, strings.Repeat(",", min(i, 1)), body)
	}
	many.WriteString(`]}}`)
	report := compare(t, spec, file(t, "many.har", many.String()))
	if len(report.Findings) != 5000 || report.LeftOut != 1000 {
		t.Errorf("many findings: got %d and %d left out, want 5000 and 1000", len(report.Findings), report.LeftOut)
	}
}

// canary is a value that looks like a key; it must never be shown.
const canary = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"

// TestValuesAreNeverShown puts a key into every place of a recording.
func TestValuesAreNeverShown(t *testing.T) {
	spec := load(t, "things.yaml")
	text := fmt.Sprintf(`{"log":{"entries":[
{"startedDateTime":"%[1]s","request":{"method":"GET","url":"https://api.example/things/1","headers":[{"name":"X-Thing-%[1]s","value":"%[1]s"}]},"response":{"status":200,"headers":[{"name":"Content-Type","value":"%[1]s/%[1]s; a=%[1]s"}],
 "content":{"text":"{\"id\":\"%[1]s\",\"state\":\"%[1]s\",\"amount\":\"%[1]s\",\"%[1]s\":{\"%[1]s\":\"%[1]s\"},\"x\":{\"%[1]s\":1},\"at\":\"%[1]s\",\"failure\":\"%[1]s\",\"labels\":{\"%[1]s\":1},\"shape\":{\"kind\":\"%[1]s\"},\"kind\":\"%[1]s\"}"}}},
{"request":{"method":"%[1]s","url":"https://%[1]s:%[1]s@api.example/%[1]s?%[1]s=%[1]s#%[1]s"}},
{"request":{"method":"%[1]s","url":"https://api.example/things/%[1]s"}},
{"request":{"method":"GET","url":"https://api.example/things/%[1]s?%[1]s=1"},"response":{"status":402,"content":{"mimeType":"application/json","text":"{\"code\":\"%[1]s\",\"message\":\"%[1]s\"}"}}},
{"request":{"method":"GET","url":"https://api.example/texts"},"response":{"status":402,"content":{"mimeType":"text/plain","text":"%[1]s"}}},
{"request":{"method":"GET","url":"https://%[1]s.example/texts"}}
]}}`, canary)
	report := compare(t, spec, file(t, "canary.har", text))
	if len(report.Findings) < 12 {
		t.Errorf("got %d findings, want at least 12: %v", len(report.Findings), lines(report))
	}
	noCanary(t, report)
}

func noCanary(t testing.TB, report *drift.Report) {
	t.Helper()
	shown, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	overlay, _, err := report.Overlay()
	if err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string][]byte{"JSON": shown, "overlay": overlay} {
		if bytes.Contains(bytes.ToLower(out), bytes.ToLower([]byte(canary[8:]))) {
			t.Errorf("the %s has a value of the recording: %s", name, out)
		}
	}
}

// FuzzDrift reads any file as a recording, and any text as the body of a response that
// also has a key. It must not fail, and must not show the key.
func FuzzDrift(f *testing.F) {
	f.Add([]byte(browser), []byte(sound))
	f.Add([]byte(`{"log":{"entries":[{"request":null}]}}`), []byte(with(`"x":{"y":[1,null,"z"]}`)))
	f.Add([]byte(`[]`), []byte(`{"code":"DECLINED"}`))
	spec := load(f, "things.yaml")
	f.Fuzz(func(t *testing.T, recording, body []byte) {
		if report, err := spec.CompareData(recording); err == nil {
			if _, _, err := report.Overlay(); err != nil {
				t.Error(err)
			}
		} else if !errors.As(err, new(*drift.InputError)) {
			t.Errorf("got the error %v, want one about the input", err)
		}
		if bytes.Contains(bytes.ToLower(body), []byte(strings.ToLower(canary[8:]))) {
			t.Skip("the input has the key")
		}
		text := string(body)
		secret := strings.ReplaceAll(text, "z", canary)
		report, err := spec.CompareData(harData(t, exchange{body: text}, exchange{body: secret}, exchange{status: 402, body: secret}, exchange{method: "POST", url: "https://api.example/things", sent: secret}))
		if err != nil {
			t.Fatal(err)
		}
		noCanary(t, report)
	})
}
