-- Calls that may have moved money and whose outcome is not known.
CREATE TABLE {prefix}pending (
	call_id         TEXT    NOT NULL PRIMARY KEY,
	provider        TEXT    NOT NULL,
	account         TEXT    NOT NULL,
	operation       TEXT    NOT NULL,
	idempotency_key TEXT    NOT NULL,
	request         TEXT    NOT NULL, -- a JSON object of strings
	began_ms        INTEGER NOT NULL, -- by the clock of the client
	inquiries       INTEGER NOT NULL,
	due_at          INTEGER NOT NULL
);
CREATE INDEX {prefix}pending_due_at ON {prefix}pending (due_at);
