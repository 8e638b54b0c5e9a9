package clientcontract

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

var update = flag.Bool("update", false, "rewrite testdata/headers.txt")

// headersMatchGoldenFile compares the headers of every operation, as they are sent,
// with testdata/headers.txt. Values that vary are replaced by a description.
func headersMatchGoldenFile(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	out := faulthttp.NewTap(t)
	e.Account = e.Connect(t, e.BaseURL(), pay.WithTransport(out), pay.WithMaxAttempts(1))
	var got strings.Builder
	got.WriteString("The headers of each operation as they leave, in their order. Made by go test -update.\n")
	seen := map[string]bool{}
	write := func(name string, head []string) {
		got.WriteString("\n" + name + "\n")
		for _, line := range head[1:] {
			name, value, _ := strings.Cut(line, ": ")
			got.WriteString("\t" + name + ": " + withoutVariableValues(name, value) + "\n")
		}
		seen[name] = true
	}
	for _, op := range e.BoundOperations(t) {
		_ = op.Call(t.Context(), "id", "") // the server refuses an empty body; only the request is tested
		heads := out.Take()
		if len(heads) == 0 {
			t.Fatalf("operation %s sent no request", op.ID)
		}
		for _, login := range heads[:len(heads)-1] {
			write(strings.Fields(login[0])[1], login)
		}
		write(op.ID, heads[len(heads)-1])
	}
	if e.Sandbox.Logins != nil {
		for _, head := range renewalHeaders(t, e) {
			if name := strings.Fields(head[0])[1]; !seen[name] && !strings.HasSuffix(name, "/id") {
				write(name, head)
			}
		}
	}
	compareGolden(t, "testdata/headers.txt", got.String())
}

// renewalHeaders returns the headers of the requests that a client sends when it
// renews its token in the background.
func renewalHeaders(t *testing.T, e *harness.Session) [][]string {
	t.Helper()
	out, ahead, names := faulthttp.NewTap(t), new(atomic.Int64), make(chan string, 8)
	e.Account = e.Connect(t, e.BaseURL(), pay.WithTransport(out), pay.WithMaxAttempts(1),
		pay.WithClock(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }),
		sendOperations(names))
	op := e.BoundOperations(t)[0]
	_ = op.Call(t.Context(), "id", "")
	<-names // the login
	<-names // the call
	ahead.Store(int64(21 * time.Hour))
	_ = op.Call(t.Context(), "id", "")
	<-names // the call and the renewal, in any order
	<-names
	return out.Take()
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	has, wants := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i, line := range has {
		if i >= len(wants) || line != wants[i] {
			t.Fatalf("%s:%d: got %q, want %q (go test -update rewrites it)", path, i+1, line, append(wants, "nothing")[min(i, len(wants))])
		}
	}
	t.Fatalf("%s has more lines than were sent (go test -update rewrites it)", path)
}

// variableValues describes values that vary from run to run or are secret.
var variableValues = []struct {
	form *regexp.Regexp
	text string
}{
	{regexp.MustCompile(`^(Basic|Bearer) .+`), "$1 …"},
	{regexp.MustCompile(`signature=[A-Za-z0-9+/]{342}==$`), "signature=<344 characters of Base64>"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`), "<moment in UTC>"},
	{regexp.MustCompile(`^[0-9a-f]{64}$`), "<64 hexadecimal digits>"},
	{regexp.MustCompile(`^[a-z2-7]{26}$`), "<26 characters of Base32>"},
	{regexp.MustCompile(`^pk_[0-9a-f]{24}$`), "<public key>"},
	{regexp.MustCompile(`^TEST_[0-9A-Z]+$`), "<client id>"},
	{regexp.MustCompile(`^127\.0\.0\.1:\d+$`), "<host>"},
	{regexp.MustCompile(`^\d{10}$`), "<seconds>"},
	{regexp.MustCompile(`^\d+$`), "<number>"},
}

func withoutVariableValues(name, value string) string {
	if strings.EqualFold(name, "Accept") || strings.EqualFold(name, "User-Agent") {
		return value
	}
	for _, s := range variableValues {
		if s.form.MatchString(value) {
			return s.form.ReplaceAllString(value, s.text)
		}
	}
	return value
}
