-- Every version of a tenant's document: what was live when, and a way back to it.
CREATE TABLE tenant_versions (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version integer NOT NULL CHECK (version > 0),
    slug text NOT NULL,
    config jsonb NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, version)
);
ALTER TABLE tenant_versions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenant_versions TO voicefleet_app USING (tenant_id = current_tenant());
CREATE POLICY whole_fleet ON tenant_versions TO voicefleet_keeper USING (true);
GRANT SELECT ON tenant_versions TO voicefleet_app;
GRANT SELECT, INSERT ON tenant_versions TO voicefleet_keeper;

-- What is live now is the oldest version still known; its date is that of the last change.
SET LOCAL ROLE voicefleet_keeper;
INSERT INTO tenant_versions (tenant_id, version, slug, config, applied_at)
SELECT id, config_version, slug, config, updated_at FROM tenants;
RESET ROLE;
