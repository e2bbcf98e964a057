-- What a call that was cut off left to do or to tell, for when its caller calls back: the latest of each number, kept
-- for half an hour, and deleted as soon as it has been heard. It may hold a name and a number.
CREATE TABLE cut_off_calls (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    caller_e164 text NOT NULL,
    left_behind jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, caller_e164)
);
ALTER TABLE cut_off_calls ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON cut_off_calls TO voicefleet_app USING (tenant_id = current_tenant());
CREATE POLICY whole_fleet ON cut_off_calls TO voicefleet_keeper USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cut_off_calls TO voicefleet_app, voicefleet_keeper;
