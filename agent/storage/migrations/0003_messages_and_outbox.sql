-- What callers leave for the business. One a call and intent; a caller who is known and calls again soon meets it.
CREATE TABLE messages (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    call_id uuid NOT NULL,
    intent_key text NOT NULL,
    reason text NOT NULL CHECK (
        reason IN ('message', 'change', 'not_found', 'not_understood', 'store_failed', 'cut_off')),
    text text NOT NULL,
    recipient text,
    urgent boolean NOT NULL,
    confirmed boolean NOT NULL,
    name text,
    phone text,
    caller_e164 text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, call_id, intent_key)
);
CREATE INDEX messages_to_read ON messages (tenant_id, urgent DESC, created_at DESC);
CREATE INDEX messages_by_intent ON messages (tenant_id, intent_key, created_at);

-- To what a caller agreed, asked by which prompt and in which words; withdrawn, it stays as evidence.
CREATE TABLE consents (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    purpose text NOT NULL CHECK (purpose IN ('sms')),
    phone text NOT NULL,
    asked text NOT NULL,
    words text NOT NULL,
    call_id uuid NOT NULL,
    given_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX consents_standing ON consents (tenant_id, purpose, phone) WHERE withdrawn_at IS NULL;

-- What is to be sent, written in the transaction of what it follows from. The key makes it once.
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    kind text NOT NULL CHECK (kind IN ('sms_confirmation', 'sms_link', 'message_notice')),
    key text NOT NULL,
    payload jsonb NOT NULL,
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    claimed_until timestamptz,
    sent_at timestamptz,
    parked_at timestamptz,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, key),
    CONSTRAINT outbox_ends_once CHECK (sent_at IS NULL OR parked_at IS NULL)
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE sent_at IS NULL AND parked_at IS NULL;

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['messages', 'consents', 'outbox'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY own_tenant ON %I TO voicefleet_app USING (tenant_id = current_tenant())',
            tenant_table);
        EXECUTE format('CREATE POLICY whole_fleet ON %I TO voicefleet_keeper USING (true)', tenant_table);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON messages, consents TO voicefleet_app;
-- A call writes what is to be sent; only the keeper marks it as sent.
GRANT SELECT, INSERT ON outbox TO voicefleet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON messages, consents, outbox TO voicefleet_keeper;
