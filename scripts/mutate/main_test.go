package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const code = `package demo

import (
	"errors"
	"sync"
	"time"
)

type account struct {
	name    string
	balance int
	open    bool
	pause   time.Duration
}

func newAccount(name string) *account {
	return &account{name: name, open: true, pause: 2 * time.Second}
}

var mu sync.Mutex

func (a *account) withdraw(n int) (int, error) {
	mu.Lock()
	defer mu.Unlock()
	if n <= 0 || n > a.balance {
		return 0, errors.New("refused")
	}
	a.balance -= n
	return a.balance, nil
}

func fee(country string, n int) int {
	switch low := n < 100; country {
	case "mn", "eg":
		if low {
			return 1
		}
		return n * 2 / 100
	default:
		return n + len(country)
	}
}

func count(n int) (total int, err error) {
	for i := 0; i < n; i++ {
		total++
	}
	return total, nil
}

func never() bool { return true }
`

const tests = `package demo

import "testing"

func TestAccount(t *testing.T) {
	a := newAccount("x")
	a.balance = 10
	if left, err := a.withdraw(4); left != 6 || err != nil {
		t.Fatal(left, err)
	}
	if left, err := a.withdraw(6); left != 0 || err != nil {
		t.Fatal(left, err)
	}
	if _, err := a.withdraw(1); err == nil {
		t.Fatal("no error")
	}
}

func TestFee(t *testing.T) {
	if fee("mn", 50) != 1 || fee("mn", 200) != 4 || fee("de", 5) != 7 {
		t.Fatal()
	}
}

func TestCount(t *testing.T) {
	if n, err := count(3); n != 3 || err != nil {
		t.Fatal()
	}
}
`

// TestResults runs mutants of a small module, with at least one of each kind.
func TestResults(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module demo.test/demo\n\ngo 1.26\n", "demo/demo.go": code, "demo/demo_test.go": tests,
		"explained.txt": "# comment\ndemo/demo.go: account.withdraw: false: n <= 0\n\tNobody does that.\n",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	report := filepath.Join(dir, "report")
	c := config{root: dir, explained: filepath.Join(dir, "explained.txt"), longest: time.Second}
	if err := mutate(t.Context(), &out, c, report, []string{"demo/demo.go"}); err == nil {
		t.Errorf("no error although there are survivors:\n%s", out.String())
	}
	b, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	got := string(b)
	for _, want := range []string{
		"survived\tnewAccount: without field: name: name",
		"survived\tnewAccount: doubled: 2 * time.Second",
		"survived\tnewAccount: false: true",
		"timeout\taccount.withdraw: without: defer mu.Unlock()",
		"killed\taccount.withdraw: without: mu.Lock()",
		"killed\taccount.withdraw: > to >=: n > a.balance",
		"unreached\taccount.withdraw: false: n <= 0",
		"unreached\taccount.withdraw: <= to <: n <= 0",
		"killed\taccount.withdraw: false: n > a.balance",
		"killed\taccount.withdraw: return zero as result 2: return 0, errors.New(\"refused\")",
		"killed\taccount.withdraw: without: a.balance -= n",
		"killed\tfee: without case: \"mn\"",
		"unreached\tfee: without case: \"eg\"",
		"survived\tfee: < to <=: n < 100",
		"killed\tfee: true: n < 100",
		"killed\tfee: plus 1: 1",
		"killed\tfee: / to *: n * 2 / 100",
		"killed\tfee: + to -: n + len(country)",
		"killed\tcount: < to <=: i < n",
		"unreached\tnever: false: true",
	} {
		result, key, _ := strings.Cut(want, "\t")
		if !strings.Contains(got, result+"\tdemo/demo.go: "+key+"\n") {
			t.Errorf("not found: %s", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
	if want := "Nobody does that.\nexplained demo/demo.go:25\tdemo/demo.go: account.withdraw: false: n <= 0\n"; !strings.Contains(out.String(), want) {
		t.Errorf("the explanation is not printed:\n%s", out.String())
	}
}
