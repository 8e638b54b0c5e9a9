package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	sqlstore "github.com/specpay/specpay/store/sql"
)

// TestMain lets the test binary run as a process of the shop, and stops the PostgreSQL
// server that a test has started.
func TestMain(m *testing.M) {
	if role := os.Getenv("SHOP_ROLE"); role != "" {
		if err := child(role); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if running != nil {
		running.stop()
	}
	os.Exit(code)
}

// server is a PostgreSQL server that listens on a Unix socket in its folder, and on no
// port.
type server struct {
	dir, binary string
	settings    []string
	attr        *syscall.SysProcAttr
	cmd         *exec.Cmd
	over        chan struct{} // closed when cmd has ended
}

var (
	running *server // nil if no test needed it
	schemas atomic.Int32

	// postgres starts the server of this test binary, which all tests share. Each test
	// has a schema of its own.
	postgres = sync.OnceValues(func() (srv *server, err error) {
		running, err = startPostgres("-c", "fsync=off") // no test stops the machine
		return running, err
	})
)

// program returns the path of a program of PostgreSQL, which Debian does not put into
// the path.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("there is no %s, neither in the path nor in /usr/lib/postgresql/*/bin (Debian: apt-get install postgresql)", name)
	}
	return found[len(found)-1], nil
}

// startPostgres makes a database cluster in a temporary folder and starts a server,
// with more settings.
func startPostgres(settings ...string) (*server, error) {
	initdb, err := program("initdb")
	if err != nil {
		return nil, err
	}
	binary, err := program("postgres")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "specpay-postgres") // short, because the path of a socket has 107 bytes at most
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, binary: binary, settings: settings}
	if s.attr, err = s.unprivileged(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	setup := exec.Command(initdb, "-D", filepath.Join(dir, "data"), "-U", "shop", "--auth=trust", "--no-sync", "--no-locale", "-E", "UTF8")
	setup.SysProcAttr, setup.Dir = s.attr, dir
	if out, err := setup.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(dir))
	}
	if err := s.launch(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// launch starts the server, also after it was killed: it refuses to start until the
// last process of the one before it has ended.
func (s *server) launch() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		s.cmd = exec.Command(s.binary, append([]string{"-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-c", "listen_addresses=",
			"-c", "deadlock_timeout=100ms", "-c", "max_connections=200", "-c", "shared_buffers=16MB"}, s.settings...)...)
		s.cmd.SysProcAttr, s.cmd.Dir = s.attr, s.dir
		var log bytes.Buffer
		s.cmd.Stderr = &log
		if err := s.cmd.Start(); err != nil {
			return err
		}
		over := make(chan struct{})
		go func() {
			_ = s.cmd.Wait()
			close(over)
		}()
		s.over = over
		err := s.wait(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			s.kill()
			return fmt.Errorf("the server does not start: %w\n%s", err, &log)
		}
	}
}

// unprivileged returns the attributes of a process that is not root's, and gives the
// folder to its user.
func (s *server) unprivileged() (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{}
	endWithParent(attr)
	if os.Getuid() != 0 {
		return attr, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return attr, os.Chown(s.dir, uid, gid)
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}

// wait waits until the server accepts connections. It returns an error if the server
// ends before.
func (s *server) wait(ctx context.Context) error {
	db, err := sql.Open("pgx", s.dsn("public"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for {
		if err := db.PingContext(ctx); err == nil {
			return nil
		}
		pause := time.NewTimer(20 * time.Millisecond)
		select {
		case <-pause.C:
		case <-s.over:
			return errors.New("the server ended")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// kill ends the server at once, like the loss of its machine.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.over
}

// stop ends the server and deletes its data.
func (s *server) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(syscall.SIGQUIT) // an immediate shutdown
		<-s.over
	}
	_ = os.RemoveAll(s.dir)
}

func (s *server) dsn(schema string) string {
	return "host=" + s.dir + " user=shop dbname=postgres search_path=" + schema
}

// database is a database of one test, which several processes use.
type database struct {
	dialect     sqlstore.Dialect
	driver, dsn string
}

// eachDatabase runs a test with SQLite and with PostgreSQL.
func eachDatabase(t *testing.T, run func(t *testing.T, d database)) {
	t.Run("SQLite", func(t *testing.T) { run(t, sqlite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { run(t, postgresql(t)) })
}

// sqlite returns an empty database in the recommended mode.
func sqlite(t *testing.T) database {
	t.Helper()
	return database{sqlstore.SQLite, "sqlite", "file:" + filepath.Join(t.TempDir(), "shop.db") + "?_pragma=journal_mode(wal)&_pragma=busy_timeout(10000)"}
}

// impatient returns the database with an SQLite that does not wait long for its writer.
func (d database) impatient() database {
	d.dsn = strings.Replace(d.dsn, "busy_timeout(10000)", "busy_timeout(50)", 1)
	return d
}

// postgresql returns an empty schema of the server. It skips the test if PostgreSQL is
// not installed.
func postgresql(t *testing.T) database {
	t.Helper()
	needPostgres(t)
	srv, err := postgres()
	fatal(t, err)
	return srv.schema(t, fmt.Sprint("test", schemas.Add(1)))
}

func needPostgres(t *testing.T) {
	t.Helper()
	if _, err := program("initdb"); err != nil {
		t.Skip("needs PostgreSQL: ", err)
	}
}

// schema makes a schema.
func (s *server) schema(t *testing.T, name string) database {
	t.Helper()
	d := database{sqlstore.PostgreSQL, "pgx", s.dsn(name)}
	_, err := d.open(t).ExecContext(t.Context(), "CREATE SCHEMA "+name)
	fatal(t, err)
	return d
}

// open opens the database like a process of its own.
func (d database) open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open(d.driver, d.dsn)
	fatal(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// store returns a store with a pool of its own, like that of another process.
func (d database) store(t *testing.T, opts ...sqlstore.Option) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	db := d.open(t)
	s, err := sqlstore.New(db, d.dialect, opts...)
	fatal(t, err)
	return s, db
}

// migrated returns a store with its tables.
func (d database) migrated(t *testing.T, opts ...sqlstore.Option) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	s, db := d.store(t, opts...)
	fatal(t, s.Migrate(t.Context()))
	return s, db
}

// pass lets time pass for everything that expires.
func (d database) pass(t *testing.T, db *sql.DB, by time.Duration) {
	t.Helper()
	for _, table := range []string{"events", "tokens", "locks"} {
		change := fmt.Sprintf("expires_at - %d", by.Milliseconds())
		if d.dialect == sqlstore.PostgreSQL {
			change = fmt.Sprintf("expires_at - interval '%d milliseconds'", by.Milliseconds())
		}
		_, err := db.ExecContext(t.Context(), "UPDATE specpay_"+table+" SET expires_at = "+change)
		fatal(t, err)
	}
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
