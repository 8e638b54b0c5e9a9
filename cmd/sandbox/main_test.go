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

// result is the result of a run of the command.
type result struct {
	code      int
	out, errs string
}

// runCommand runs the command. When it has printed its settings, runCommand calls use,
// if it is not nil, and interrupts the command.
func runCommand(t *testing.T, use func(), args ...string) result {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var errs bytes.Buffer
	out := &notifyingWriter{written: func(text string) {
		if strings.Contains(text, "ctrl-C") {
			if use != nil {
				use()
			}
			cancel()
		}
	}}
	code := run(ctx, args, out, &errs)
	return result{code, out.text.String(), errs.String()}
}

// notifyingWriter calls written with all text so far after each write.
type notifyingWriter struct {
	text    bytes.Buffer
	written func(string)
}

func (w *notifyingWriter) Write(p []byte) (int, error) {
	n, err := w.text.Write(p)
	w.written(w.text.String())
	return n, err
}

func TestServe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	callback := "http://127.0.0.1:8080/paid"
	got := runCommand(t, func() {
		env := readEnv(t, file)
		r, err := http.NewRequestWithContext(t.Context(), "POST", env["QPAY_BASE_URL"]+"/v2/auth/token", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(env["QPAY_USERNAME"], env["QPAY_PASSWORD"])
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("login with the printed credentials: status %d", resp.StatusCode)
		}
		if env["QPAY_CALLBACK_URL"] != callback || env["QPAY_INVOICE_CODE"] == "" {
			t.Errorf("the env file has wrong settings: %v", env)
		}
	}, "-base-port", "0", "-env", file, "-callback", callback)
	if got.code != exitDone || got.errs != "" {
		t.Errorf("exit %d, errors %q; want 0 and none", got.code, got.errs)
	}
	for _, name := range []string{"QPAY_BASE_URL", "QPAY_USERNAME", "QPAY_PASSWORD", "QPAY_INVOICE_CODE", "QPAY_CALLBACK_URL"} {
		if !strings.Contains(got.out, name) {
			t.Errorf("the table does not have %s:\n%s", name, got.out)
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	got := runCommand(t, nil, "-base-port", port)
	if got.code != exitFailed || !strings.Contains(got.errs, port+" is in use") {
		t.Errorf("exit %d, errors %q; want 1 and an error about port %s", got.code, got.errs, port)
	}
}

func TestInvalidSettings(t *testing.T) {
	for name, args := range map[string][]string{
		"remote address": {"--listen", "0.0.0.0"},
		"not an address": {"--listen", "localhost:80"},
		"empty host":     {"--listen", "0.0.0.0", "--allow-host", ""},
		"port too high":  {"-base-port", strconv.Itoa(65536)},
		"not a port":     {"-base-port", "x"},
		"not a URL":      {"-callback", "paid"},
		"extra argument": {"qpay"},
		"unknown flag":   {"-port", "1"},
	} {
		if got := runCommand(t, nil, args...); got.code != exitUsage || got.errs == "" || got.out != "" {
			t.Errorf("%s: exit %d, output %q, errors %q; want 2 and an error", name, got.code, got.out, got.errs)
		}
	}
}

func TestUnwritableEnv(t *testing.T) {
	got := runCommand(t, nil, "-base-port", "0", "-env", filepath.Join(t.TempDir(), "missing", "env"))
	if got.code != exitFailed || !strings.Contains(got.errs, "-env") {
		t.Errorf("exit %d, errors %q; want 1 and an error about -env", got.code, got.errs)
	}
}

// TestAllowedHosts reaches a sandbox by the name of a container.
func TestAllowedHosts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	got := runCommand(t, func() {
		for host, want := range map[string]int{"sandbox:4011": 200, "other": 200, "evil.example": 421} {
			for _, name := range []string{"QPAY_BASE_URL", "OPENAPI_BASE_URL", "XPAY_BASE_URL", "PAYMENT_GATEWAY_BASE_URL"} {
				r, err := http.NewRequestWithContext(t.Context(), "GET", readEnv(t, file)[name]+"/_sandbox/ledger", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Host = host
				resp, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				if resp.StatusCode != want {
					t.Errorf("%s with host %s: status %d, want %d", name, host, resp.StatusCode, want)
				}
			}
		}
	}, "--base-port", "0", "--env", file, "--allow-host", "sandbox", "--allow-host", "other", "--allow-callback-host", "shop")
	if got.code != exitDone || got.errs != "" {
		t.Errorf("exit %d, errors %q; want 0 and none", got.code, got.errs)
	}
}

func TestHelp(t *testing.T) {
	if got := runCommand(t, nil, "-h"); got.code != exitDone || !strings.Contains(got.errs, "-base-port") {
		t.Errorf("exit %d, errors %q; want 0 and the flags", got.code, got.errs)
	}
}
