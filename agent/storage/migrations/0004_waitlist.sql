-- Who waits for a time to become free: a window and a wish for staff, as the rules have them. A place that has been
-- matched stays, with the time that became free; nobody holds it for them.
CREATE TABLE waitlist (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    call_id uuid,
    waiting_key text NOT NULL,
    service_id text NOT NULL,
    earliest_at timestamptz NOT NULL,
    latest_at timestamptz NOT NULL,
    not_before time,
    not_after time,
    except_on date[] NOT NULL DEFAULT '{}',
    wants_staff boolean NOT NULL DEFAULT false,
    only_staff uuid[] NOT NULL DEFAULT '{}',
    but_staff uuid[] NOT NULL DEFAULT '{}',
    name text NOT NULL,
    phone text NOT NULL,
    freed_at timestamptz,
    matched_staff_id uuid,
    matched_start_at timestamptz,
    matched_end_at timestamptz,
    matched_busy_from timestamptz,
    matched_busy_to timestamptz,
    CONSTRAINT waitlist_window CHECK (earliest_at <= latest_at),
    CONSTRAINT waitlist_matched CHECK (
        (freed_at IS NULL) = (matched_start_at IS NULL) AND (freed_at IS NULL) = (matched_staff_id IS NULL)),
    FOREIGN KEY (tenant_id, matched_staff_id) REFERENCES staff (tenant_id, id)
);
-- One place a wish while it waits; whoever was matched and came away with nothing may wait again.
CREATE UNIQUE INDEX waitlist_waiting ON waitlist (tenant_id, waiting_key) WHERE freed_at IS NULL;
CREATE INDEX waitlist_until ON waitlist (tenant_id, latest_at) WHERE freed_at IS NULL;

ALTER TABLE waitlist ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON waitlist TO voicefleet_app USING (tenant_id = current_tenant());
CREATE POLICY whole_fleet ON waitlist TO voicefleet_keeper USING (true);
GRANT SELECT, INSERT, UPDATE ON waitlist TO voicefleet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON waitlist TO voicefleet_keeper;

-- The business is told in the transaction that frees the time.
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check, ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('sms_confirmation', 'sms_link', 'message_notice', 'waitlist_notice'));
