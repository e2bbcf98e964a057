-- Which providers the fleet leaves alone for now. A fleet table: a provider belongs to no tenant.
CREATE TABLE breakers (
    kind text NOT NULL CHECK (kind IN ('stt', 'model', 'tts')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    standing text NOT NULL DEFAULT 'closed' CHECK (standing IN ('closed', 'half-open', 'open')),
    since_at timestamptz,
    cause text CHECK (cause IN ('rate', 'burst', 'probe', 'refused')),
    reason text NOT NULL DEFAULT '',
    open_s double precision NOT NULL DEFAULT 0 CHECK (open_s >= 0),
    -- No probe before; while one runs, the end of its lease.
    due_at timestamptz,
    told_at timestamptz,
    in_a_row timestamptz[] NOT NULL DEFAULT '{}',
    -- [[number, attempts, failures], …]: ten seconds each, counted from the epoch.
    buckets jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (kind, name)
);

GRANT SELECT, INSERT, UPDATE ON breakers TO voicefleet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON breakers TO voicefleet_keeper;
