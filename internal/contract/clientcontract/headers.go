package clientcontract

import (
	"context"
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

// S9 compares the headers of every operation, as they leave, with
// testdata/headers.txt. What varies is replaced by its shape.
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
	ops := e.BoundOperations(t)
	for _, op := range ops {
		_ = op.Call(t.Context(), "id", "") // the server refuses an empty body: what was sent is what counts
		heads := out.Take()
		if len(heads) == 0 {
			t.Fatalf("%s sent nothing", op.Id)
		}
		for _, login := range heads[:len(heads)-1] {
			write(strings.Fields(login[0])[1], login)
		}
		write(op.Id, heads[len(heads)-1])
	}
	if e.Sandbox.Logins != nil {
		for _, head := range renewalHeaders(e, t) {
			if name := strings.Fields(head[0])[1]; !seen[name] && !strings.HasSuffix(name, "/id") {
				write(name, head)
			}
		}
	}
	compareGolden(t, "testdata/headers.txt", got.String())
	t.Logf("%d operations send the headers of testdata/headers.txt and no other", len(seen))
}

// renewal is what a client sends late in the life of its token, when it renews it
// in the background.
func renewalHeaders(e *harness.Session, t *testing.T) [][]string {
	t.Helper()
	out, ahead, names := faulthttp.NewTap(t), new(atomic.Int64), make(chan string, 8)
	e.Account = e.Connect(t, e.BaseURL(), pay.WithTransport(out), pay.WithMaxAttempts(1),
		pay.WithClock(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }),
		pay.WithHook(func(_ context.Context, a pay.Attempt) { names <- a.Operation }))
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
			t.Fatalf("%s:%d: sent %q, want %q (go test -update rewrites it)", path, i+1, line, append(wants, "nothing")[min(i, len(wants))])
		}
	}
	t.Fatalf("%s has more than was sent", path)
}

// shapes are what varies from run to run, or must not stand in a file.
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
