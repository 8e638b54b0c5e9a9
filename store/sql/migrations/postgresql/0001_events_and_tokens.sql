CREATE TABLE {prefix}migrations (
	version    integer     PRIMARY KEY,
	name       text        NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
);

-- Events of notifications: handled ones, and claims of those that are being handled.
CREATE TABLE {prefix}events (
	event_key  text        PRIMARY KEY,
	owner      text        NOT NULL,
	done       boolean     NOT NULL,
	expires_at timestamptz NOT NULL
);
CREATE INDEX {prefix}events_expires_at ON {prefix}events (expires_at);

CREATE TABLE {prefix}tokens (
	token_key  text        PRIMARY KEY,
	value      bytea       NOT NULL,
	expires_at timestamptz NOT NULL
);

CREATE TABLE {prefix}locks (
	lock_key   text        PRIMARY KEY,
	owner      text        NOT NULL,
	expires_at timestamptz NOT NULL
);
