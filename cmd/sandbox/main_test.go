package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// outcome is one run of the command.
type outcome struct {
	code      int
	out, errs string
}

// runUntilShown runs the command and interrupts it when it has written
// something, after use has run.
func runUntilShown(t *testing.T, use func(shown string), args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var errs bytes.Buffer
	out := &shown{seen: func(text string) {
		if strings.Contains(text, "ctrl-C") {
			if use != nil {
				use(text)
			}
			cancel()
		}
	}}
	code := run(ctx, args, out, &errs)
	return outcome{code, out.text.String(), errs.String()}
}

// shown is a writer that tells what has been written so far.
type shown struct {
	text bytes.Buffer
	seen func(string)
}

func (s *shown) Write(p []byte) (int, error) {
	n, err := s.text.Write(p)
	s.seen(s.text.String())
	return n, err
}

func TestServesAndEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	callback := "http://127.0.0.1:8080/paid"
	got := runUntilShown(t, func(string) {
		env := readEnv(t, file)
		r, err := http.NewRequestWithContext(t.Context(), "POST", env["QPAY_BASE_URL"]+"/v2/auth/token", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(env["QPAY_USERNAME"], env["QPAY_PASSWORD"])
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("login with the printed credentials: status %d", answer.StatusCode)
		}
		if env["QPAY_CALLBACK_URL"] != callback || env["QPAY_INVOICE_CODE"] == "" {
			t.Errorf("env file lacks settings: %v", env)
		}
	}, "-base-port", "0", "-env", file, "-callback", callback)
	if got.code != exitDone || got.errs != "" {
		t.Errorf("exit %d, errors %q; want 0 and none", got.code, got.errs)
	}
	for _, name := range []string{"QPAY_BASE_URL", "QPAY_USERNAME", "QPAY_PASSWORD", "QPAY_INVOICE_CODE", "QPAY_CALLBACK_URL"} {
		if !strings.Contains(got.out, name) {
			t.Errorf("the table lacks %s:\n%s", name, got.out)
		}
	}
}

func readEnv(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[name] = value
	}
	return env
}

func TestBusyPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	got := runUntilShown(t, nil, "-base-port", port)
	if got.code != exitFailed || !strings.Contains(got.errs, port+" is taken") {
		t.Errorf("exit %d, errors %q; want 1 and a word about port %s", got.code, got.errs, port)
	}
}

func TestRefusedSettings(t *testing.T) {
	for name, args := range map[string][]string{
		"other machines":  {"-addr", "0.0.0.0"},
		"no address":      {"-addr", "localhost:80"},
		"port too high":   {"-base-port", strconv.Itoa(65536)},
		"port no number":  {"-base-port", "x"},
		"callback no URL": {"-callback", "paid"},
		"extra argument":  {"qpay"},
		"unknown flag":    {"-port", "1"},
	} {
		if got := runUntilShown(t, nil, args...); got.code != exitUsage || got.errs == "" || got.out != "" {
			t.Errorf("%s: exit %d, output %q, errors %q; want 2 and an error", name, got.code, got.out, got.errs)
		}
	}
}

func TestUnwritableEnv(t *testing.T) {
	got := runUntilShown(t, nil, "-base-port", "0", "-env", filepath.Join(t.TempDir(), "no", "such", "folder"))
	if got.code != exitFailed || !strings.Contains(got.errs, "-env") {
		t.Errorf("exit %d, errors %q; want 1 and a word about -env", got.code, got.errs)
	}
}

func TestHelp(t *testing.T) {
	if got := runUntilShown(t, nil, "-h"); got.code != exitDone || !strings.Contains(got.errs, "-base-port") {
		t.Errorf("exit %d, errors %q; want 0 and the flags", got.code, got.errs)
	}
}
