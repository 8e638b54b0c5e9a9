package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// runner runs tests against mutants.
type runner struct {
	config
	program *program
	overlay string
	temp    string
	out     io.Writer
	suites  map[string]*suite // by folder
}

// suite is the test binary of one package.
type suite struct {
	dir, binary string
	units       []*unit
}

// unit is a test, or a subtest of a long test.
type unit struct {
	test, sub string
	took      time.Duration
	reaches   map[int]bool // numbers of mutants
}

// test runs the tests that reach a mutant: those of its own package, then the others.
func (r *runner) test(ctx context.Context, m *mutant) error {
	own := filepath.ToSlash(filepath.Dir(m.file))
	m.result = unreached
	for i, dir := range append([]string{own}, r.also...) {
		if i > 0 && dir == own {
			continue
		}
		s, err := r.suite(ctx, dir)
		if err != nil {
			return err
		}
		longest := r.longest
		if dir == own {
			longest = time.Hour
		}
		for _, group := range s.reaching(m.id, longest) {
			m.result = survived
			result, err := r.run(ctx, s, m.id, group)
			if err != nil {
				return err
			}
			if result == killed && dir != own {
				result = elsewhere
			}
			if result != survived {
				m.result = result
				return nil
			}
		}
	}
	return nil
}

// suite builds the tests of a package and finds out which mutants each test reaches.
func (r *runner) suite(ctx context.Context, dir string) (*suite, error) {
	if s := r.suites[dir]; s != nil {
		return s, nil
	}
	s := &suite{dir: filepath.Join(r.program.root, dir), binary: filepath.Join(r.temp, strings.ReplaceAll(dir, "/", "_")+".test")}
	r.suites[dir] = s
	build := exec.CommandContext(ctx, "go", "test", "-c", "-overlay", r.overlay, "-o", s.binary, "./"+dir)
	build.Dir = r.program.root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the tests of %s: %w\n%s", dir, err, out)
	}
	if _, err := os.Stat(s.binary); err != nil { // there are no tests
		return s, nil
	}
	list := exec.CommandContext(ctx, s.binary, "-test.list", "^(Test|Fuzz|Example)")
	list.Dir = s.dir
	names, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the tests of %s: %w", dir, err)
	}
	for name := range strings.FieldsSeq(string(names)) {
		if err := r.record(ctx, s, name); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(s.units, func(a, b *unit) int { return int(a.took - b.took) })
	return s, nil
}

var subtest = regexp.MustCompile(`(?m)^    --- PASS: [^/\n]+/([^/\n]+) \(`)

// record adds a test to a suite, or its subtests if it takes long. A test that fails without a mutant
// is left out.
func (r *runner) record(ctx context.Context, s *suite, name string) error {
	u, out, err := r.recordUnit(ctx, s, &unit{test: name})
	if err != nil {
		return err
	}
	if u == nil {
		fmt.Fprintf(r.out, "left out: %s in %s fails without a change\n", name, s.dir)
		return nil
	}
	subs := subtest.FindAllSubmatch(out, -1)
	if u.took < 300*time.Millisecond || len(subs) < 2 {
		s.units = append(s.units, u)
		return nil
	}
	for _, sub := range subs {
		part, _, err := r.recordUnit(ctx, s, &unit{test: name, sub: string(sub[1])})
		if err != nil {
			return err
		}
		if part != nil {
			s.units = append(s.units, part)
		}
	}
	return nil
}

// recordUnit runs a test without a mutant. It returns nil if the test fails.
func (r *runner) recordUnit(ctx context.Context, s *suite, u *unit) (*unit, []byte, error) {
	record := filepath.Join(r.temp, "record")
	start := time.Now()
	out, ok, err := r.start(ctx, s, 5*time.Minute, []string{"MUTATE=0", "MUTATE_RECORD=" + record}, pattern([]*unit{u}), "-test.v")
	if err != nil || !ok {
		return nil, out, err
	}
	u.took, u.reaches = time.Since(start), map[int]bool{}
	b, err := os.ReadFile(record)
	if err != nil && !os.IsNotExist(err) {
		return nil, nil, err
	}
	for number := range strings.FieldsSeq(string(b)) {
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, nil, err
		}
		u.reaches[n] = true
	}
	return u, out, os.RemoveAll(record)
}

// reaching returns the tests that reach a mutant, in groups that run in one process, the fast ones
// first.
func (s *suite) reaching(id int, longest time.Duration) [][]*unit {
	var fast, slow [][]*unit
	together := map[string]int{}
	for _, u := range s.units {
		key := ""
		if u.sub != "" {
			key = u.test
		}
		i, grouped := together[key]
		switch {
		case !u.reaches[id] || u.took > longest:
		case u.took > 300*time.Millisecond:
			slow = append(slow, []*unit{u})
		case grouped:
			fast[i] = append(fast[i], u)
		default:
			together[key] = len(fast)
			fast = append(fast, []*unit{u})
		}
	}
	return append(fast, slow...)
}

// pattern selects tests, or subtests of one test.
func pattern(group []*unit) string {
	var names []string
	for _, u := range group {
		name := u.test
		if u.sub != "" {
			name = u.sub
		}
		names = append(names, regexp.QuoteMeta(name))
	}
	all := "^(" + strings.Join(names, "|") + ")$"
	if group[0].sub != "" {
		return "-test.run=^" + group[0].test + "$/" + all
	}
	return "-test.run=" + all
}

// run runs some tests against one mutant.
func (r *runner) run(ctx context.Context, s *suite, id int, group []*unit) (string, error) {
	limit := 4 * time.Second
	for _, u := range group {
		limit += 5 * u.took
	}
	out, ok, err := r.start(ctx, s, limit, []string{"MUTATE=" + strconv.Itoa(id)}, pattern(group), "-test.failfast")
	switch {
	case err != nil:
		return "", err
	case ok:
		return survived, nil
	case out == nil || bytes.Contains(out, []byte("panic: test timed out")):
		return timeout, nil
	}
	return killed, nil
}

// start runs a test binary with limited time and memory. The output is nil if it had to be stopped.
func (r *runner) start(ctx context.Context, s *suite, limit time.Duration, env []string, args ...string) (out []byte, ok bool, err error) {
	bounded, cancel := context.WithTimeout(ctx, limit+5*time.Second)
	defer cancel()
	args = append([]string{"-c", `ulimit -v 4000000; exec "$@"`, "mutate", s.binary, "-test.timeout=" + limit.String()}, args...)
	cmd := exec.CommandContext(bounded, "bash", args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = s.dir, append(os.Environ(), env...), time.Second
	out, err = cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	case bounded.Err() != nil:
		return nil, false, nil
	}
	return out, err == nil, nil
}
