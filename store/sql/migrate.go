package sqlstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// Migration is one step from an empty database to the tables of this version.
type Migration struct {
	Version int    // 1, 2, …
	Name    string // such as 0001_events_and_tokens
	SQL     string // statements that end with a semicolon, the last of which records the migration
}

// ErrSchema is wrapped by the errors of a Store if its tables are missing or older
// than this version of the package.
var ErrSchema = errors.New("the tables of the store are not those of this version; call Migrate, or run the statements of Migrations")

//go:embed migrations
var files embed.FS

// readMigrations returns the migrations of a dialect with the prefix of a store.
func readMigrations(s *Store) ([]Migration, error) {
	dir := grammars[s.dialect].migrations
	entries, err := files.ReadDir(dir) // in the order of the names
	if err != nil {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	all := make([]Migration, 0, len(entries))
	for i, e := range entries {
		text, err := files.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("sqlstore: %w", err)
		}
		m := Migration{Version: i + 1, Name: strings.TrimSuffix(e.Name(), ".sql")}
		m.SQL = strings.ReplaceAll(string(text), "{prefix}", s.prefix) +
			fmt.Sprintf("\nINSERT INTO %smigrations (version, name) VALUES (%d, '%s');\n", s.prefix, m.Version, m.Name)
		all = append(all, m)
	}
	return all, nil
}

// Migrations returns all migrations, in order, for those who run their own. Each is
// run once, in a transaction.
func (s *Store) Migrations() []Migration { return append([]Migration(nil), s.migrations...) }

// Migrate runs the migrations that the database does not have, in one transaction. It
// may run in several processes at once, and does nothing if there is nothing to do. A
// migration leaves the tables usable for the version of this package before it, so
// that processes can be replaced one after another.
func (s *Store) Migrate(ctx context.Context) error {
	// SQLite does not wait while another process changes the journal mode.
	return s.retry(ctx, func() error { return s.migrate(ctx) })
}

func (s *Store) migrate(ctx context.Context) (err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return explain("migrate", err)
	}
	defer func() {
		if err != nil {
			discard(conn) // it may be in a transaction
		}
		_ = conn.Close()
	}()
	for i, begin := range grammars[s.dialect].begin {
		args := []any{s.lock("migrate")}
		if _, err := conn.ExecContext(ctx, s.sql(begin), args[:i]...); err != nil {
			return explain("migrate", err)
		}
	}
	version, err := s.version(ctx, conn)
	if err != nil {
		return explain("migrate", err)
	}
	for _, m := range s.migrations[min(version, len(s.migrations)):] {
		if _, err := conn.ExecContext(ctx, m.SQL); err != nil {
			return explain("migration "+m.Name, err)
		}
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return explain("migrate", err)
}

// CheckSchema returns an error that wraps ErrSchema if the tables are missing or older
// than this version of the package. Newer ones are accepted.
func (s *Store) CheckSchema(ctx context.Context) error {
	version, err := s.version(ctx, s.db)
	if err != nil {
		return explain("read the version of the tables", err)
	}
	if want := len(s.migrations); version < want {
		return fmt.Errorf("sqlstore: the tables %s* have version %s; want %d: %w", s.prefix, versionText(version), want, ErrSchema)
	}
	return nil
}

func versionText(v int) string {
	if v == 0 {
		return "0 (they do not exist)"
	}
	return strconv.Itoa(v)
}

// version returns the version of the tables, 0 if there are none.
func (s *Store) version(ctx context.Context, q querier) (version int, err error) {
	var exists bool
	if err := q.QueryRowContext(ctx, s.sql(grammars[s.dialect].table), s.prefix+"migrations").Scan(&exists); err != nil || !exists {
		return 0, err
	}
	err = q.QueryRowContext(ctx, s.sql("SELECT COALESCE(MAX(version), 0) FROM {prefix}migrations")).Scan(&version)
	return version, err
}

// ready checks the schema until it was correct once.
func (s *Store) ready(ctx context.Context) error {
	if s.checked.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.CheckSchema(ctx); err != nil {
		return err
	}
	s.checked.Store(true)
	return nil
}
