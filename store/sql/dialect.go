package sqlstore

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
)

// Dialect is a kind of database.
type Dialect int

// Dialects.
const (
	PostgreSQL Dialect = iota + 1 // with any driver whose errors have a method SQLState, such as pgx and lib/pq
	SQLite                        // with any driver; a write lock is recognized by its code or its text
)

// grammar is how a dialect spells what the statements of this package need.
type grammar struct {
	migrations string            // folder of the migrations
	words      *strings.Replacer // of the statements; see Store.sql
	numbered   bool              // placeholders are $1, $2, … instead of ?
	table      string            // query: does a table exist
	begin      []string          // begins a migration that sees what those before it did, and waits for them; the argument of the second is a number
}

const sqliteNow = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

// In the words, {try} is a condition with one argument: the transaction gets the lock
// of that number without waiting. SQLite has one writer at a time and needs no lock.
var grammars = map[Dialect]grammar{
	PostgreSQL: {
		migrations: "migrations/postgresql",
		words: strings.NewReplacer("{now}", "now()", "{later}", "now() + CAST(? AS double precision) * interval '1 millisecond'",
			"{time}", "to_timestamp(CAST(? AS double precision) / 1000)", "{try}", "pg_try_advisory_xact_lock(CAST(? AS bigint))", "{skip}", "FOR UPDATE SKIP LOCKED"),
		numbered: true,
		table:    "SELECT to_regclass(CAST(? AS text)) IS NOT NULL",
		begin:    []string{"BEGIN ISOLATION LEVEL READ COMMITTED", "SELECT pg_advisory_xact_lock(CAST(? AS bigint))"},
	},
	SQLite: {
		migrations: "migrations/sqlite",
		words: strings.NewReplacer("{now}", sqliteNow, "{later}", sqliteNow+" + ?",
			"{time}", "?", "{try}", "? IS NOT NULL", "{skip}", ""),
		table: "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)",
		begin: []string{"BEGIN IMMEDIATE"},
	},
}

func (d Dialect) valid() bool {
	_, ok := grammars[d]
	return ok
}

// sql completes a statement: {prefix} is that of the tables, {now} the time of the
// database, {later} that time and a number of milliseconds, {time} a number of
// milliseconds since 1970, {skip} the clause that skips locked rows, and ? an argument.
func (s *Store) sql(statement string) string {
	g := grammars[s.dialect]
	statement = g.words.Replace(strings.ReplaceAll(statement, "{prefix}", s.prefix))
	if !g.numbered {
		return statement
	}
	var b strings.Builder
	for i, part := range strings.Split(statement, "?") {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}

// lock returns the number of an advisory lock.
func (s *Store) lock(name string) int64 {
	sum := sha256.Sum256([]byte(s.prefix + name))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// rolledBack reports whether the database rolled a transaction back because of
// others, and the same transaction may succeed if it is made again.
func (d Dialect) rolledBack(err error) bool {
	if d == SQLite {
		return busy(err)
	}
	var e interface{ SQLState() string }
	if !errors.As(err, &e) {
		return false
	}
	return e.SQLState() == "40001" || e.SQLState() == "40P01" // serialization failure, deadlock
}

// busy reports whether another connection has the write lock of an SQLite database.
func busy(err error) bool {
	if err == nil {
		return false
	}
	const sqliteBusy = 5 // the lowest byte of SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT and so on
	var e interface{ Code() int }
	if errors.As(err, &e) {
		return e.Code()&0xff == sqliteBusy
	}
	return strings.Contains(err.Error(), "database is locked")
}
