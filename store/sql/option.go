package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/specpay/specpay/internal/tokencipher"
)

// Option configures a Store. New returns an error if an option is invalid or nil.
type Option func(*Store) error

// identifier is what needs no quotes in SQL. A name of PostgreSQL has at most 63 bytes.
var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,39}$`)

// WithPrefix sets the prefix of the tables. The default is "specpay_". Stores with the
// same prefix in the same schema of a database share events and tokens, so use
// different databases or prefixes for test and production. A prefix has up to 40
// lower-case letters, digits and underscores.
func WithPrefix(prefix string) Option {
	return func(s *Store) error {
		if !identifier.MatchString(prefix) {
			return fmt.Errorf("WithPrefix: the prefix is %.50q; want up to 40 lower-case letters, digits and underscores, such as shop_", prefix)
		}
		s.prefix = prefix
		return nil
	}
}

// WithTimeout limits one exchange with the database about a token or a claim, and the
// wait for a connection of the pool, so that a database that does not respond does not
// delay payments. The default is 5 s. d must be positive. It does not limit the
// transaction that a handler runs in, which ends with the context of the handler.
func WithTimeout(d time.Duration) Option {
	return func(s *Store) error {
		if d <= 0 {
			return fmt.Errorf("WithTimeout: the duration is %v; want more than 0", d)
		}
		s.timeout = d
		return nil
	}
}

// WithIsolation sets the isolation level of the transactions that handlers run in:
// sql.LevelReadCommitted, which is the default, sql.LevelRepeatableRead or
// sql.LevelSerializable. An event is handled once at each of them; a higher level is
// for what the handler itself reads and writes, and makes it run again more often.
// Transactions of SQLite are always serializable, and the option is an error.
func WithIsolation(level sql.IsolationLevel) Option {
	return func(s *Store) error {
		if s.dialect == SQLite {
			return errors.New("WithIsolation: transactions of SQLite are always serializable; want no option")
		}
		if !slices.Contains([]sql.IsolationLevel{sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable}, level) {
			return fmt.Errorf("WithIsolation: the level is %v; want Read Committed, Repeatable Read or Serializable", level)
		}
		s.isolation = level
		return nil
	}
}

// WithTokenKey encrypts tokens with AES-256-GCM and binds each to the key that it is
// stored under. An encryption key has 32 random bytes. key encrypts; key and older
// decrypt. To roll out a new key, pass it in older everywhere first, and as key in a
// second step. Without this option tokens are stored unencrypted, readable for
// everyone with access to the database or its backups.
//
// A store with an encryption key does not read unencrypted tokens.
func WithTokenKey(key []byte, older ...[]byte) Option {
	keys := make([][]byte, 0, 1+len(older))
	for _, k := range slices.Concat([][]byte{key}, older) {
		keys = append(keys, slices.Clone(k))
	}
	return func(s *Store) error {
		c, err := tokencipher.New(keys...)
		if err != nil {
			return fmt.Errorf("WithTokenKey: %w", err)
		}
		s.cipher = c
		return nil
	}
}
