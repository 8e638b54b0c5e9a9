-- Calls that may have moved money and whose outcome is not known.
CREATE TABLE {prefix}pending (
	call_id         text        PRIMARY KEY,
	provider        text        NOT NULL,
	account         text        NOT NULL,
	operation       text        NOT NULL,
	idempotency_key text        NOT NULL,
	request         text        NOT NULL, -- a JSON object of strings
	began_ms        bigint      NOT NULL, -- milliseconds since 1970, by the clock of the client
	inquiries       bigint      NOT NULL,
	due_at          timestamptz NOT NULL
);
CREATE INDEX {prefix}pending_due_at ON {prefix}pending (due_at);
