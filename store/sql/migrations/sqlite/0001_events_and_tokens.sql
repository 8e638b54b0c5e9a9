-- All times are in milliseconds since 1970.
CREATE TABLE {prefix}migrations (
	version    INTEGER NOT NULL PRIMARY KEY,
	name       TEXT    NOT NULL,
	applied_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
);

-- Events of notifications: handled ones, and claims of those that are being handled.
CREATE TABLE {prefix}events (
	event_key  TEXT    NOT NULL PRIMARY KEY,
	owner      TEXT    NOT NULL,
	done       INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
);
CREATE INDEX {prefix}events_expires_at ON {prefix}events (expires_at);

CREATE TABLE {prefix}tokens (
	token_key  TEXT    NOT NULL PRIMARY KEY,
	value      BLOB    NOT NULL,
	expires_at INTEGER NOT NULL
);

CREATE TABLE {prefix}locks (
	lock_key   TEXT    NOT NULL PRIMARY KEY,
	owner      TEXT    NOT NULL,
	expires_at INTEGER NOT NULL
);
