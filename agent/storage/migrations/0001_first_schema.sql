-- Everyone connects as voicefleet_app or voicefleet_keeper (SET ROLE), never as the owner of these tables.
-- The application sees the tenant named by the setting app.tenant_id, and nobody when it is unset.
-- Roles belong to the whole server, so two databases may migrate at the same moment.
DO $$
DECLARE
    wanted text;
    -- From PostgreSQL 16 on, who creates a role is its member without being allowed to take it.
    may_take text := CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['voicefleet_app', 'voicefleet_keeper'] LOOP
        IF to_regrole(wanted) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        -- Asked first, because databases that migrate together may not grant the same thing at the same
        -- moment.
        IF NOT pg_has_role(current_user, wanted, may_take) THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO voicefleet_app, voicefleet_keeper;

-- A range of one uuid is equality that core GiST can index, so no overlap needs no extension.
CREATE TYPE uuidrange AS RANGE (subtype = uuid);

CREATE FUNCTION current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    -- A setting made for one transaction reads as '' in the next, not as NULL.
    RETURN NULLIF(current_setting('app.tenant_id', true), '')::uuid;

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    config jsonb NOT NULL,
    config_version integer NOT NULL DEFAULT 1 CHECK (config_version > 0),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE numbers (
    e164 text PRIMARY KEY CHECK (e164 ~ '^\+[1-9][0-9]{6,14}$'),
    tenant_id uuid NOT NULL REFERENCES tenants (id)
);
CREATE INDEX numbers_tenant ON numbers (tenant_id);

CREATE TABLE staff (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    UNIQUE (tenant_id, id)
);

-- Fleet table: belongs to no tenant.
CREATE TABLE workers (
    worker_id text PRIMARY KEY,
    seats integer NOT NULL CHECK (seats >= 0),
    busy integer NOT NULL CHECK (busy >= 0),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE calls (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    started_at timestamptz NOT NULL,
    room text NOT NULL,
    sip_call_id text,
    caller_e164 text,
    called_e164 text NOT NULL,
    worker_id text,
    status text NOT NULL DEFAULT 'ringing' CHECK (status IN ('ringing', 'active', 'ended')),
    answered_at timestamptz,
    ended_at timestamptz,
    disposition text,
    outcome text CHECK (outcome IN ('success', 'client', 'server', 'upstream', 'indeterminate')),
    hangup_by text CHECK (hangup_by IN ('caller', 'agent', 'fleet')),
    recording text NOT NULL DEFAULT 'off' CHECK (recording IN ('off', 'announced', 'consented', 'declined')),
    facts jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (started_at, id),
    CONSTRAINT calls_ended CHECK (
        (status = 'ended') = (ended_at IS NOT NULL) AND (status = 'ended') = (outcome IS NOT NULL))
) PARTITION BY RANGE (started_at);
CREATE INDEX calls_by_tenant ON calls (tenant_id, started_at DESC);

-- Turns lie in the month of their call and carry its key, but no foreign key to it: either table's old months
-- can be detached without locking the other.
CREATE TABLE turns (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    started_at timestamptz NOT NULL,
    call_id uuid NOT NULL,
    seq integer NOT NULL CHECK (seq >= 0),
    role text NOT NULL CHECK (role IN ('caller', 'agent')),
    at timestamptz NOT NULL,
    text text NOT NULL,
    interrupted boolean NOT NULL DEFAULT false,
    heard_text text,
    events jsonb NOT NULL DEFAULT '[]',
    timings jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (started_at, call_id, seq)
) PARTITION BY RANGE (started_at);
CREATE INDEX turns_by_tenant ON turns (tenant_id, started_at DESC);

-- One row a call in progress. Whoever holds the current epoch may write; an older holder is refused.
CREATE TABLE call_state (
    call_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    started_at timestamptz NOT NULL,
    room text NOT NULL,
    epoch integer NOT NULL DEFAULT 1 CHECK (epoch > 0),
    state jsonb,
    lease_until timestamptz NOT NULL,
    UNIQUE (tenant_id, room)
);

CREATE TABLE appointments (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    staff_id uuid NOT NULL,
    service_id text NOT NULL,
    status text NOT NULL CHECK (status IN ('held', 'confirmed', 'cancelled', 'expired')),
    start_at timestamptz NOT NULL,
    end_at timestamptz NOT NULL,
    busy_from timestamptz NOT NULL,
    busy_to timestamptz NOT NULL,
    hold_expires_at timestamptz,
    intent_key text,
    call_id uuid,
    name text,
    phone text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id),
    CONSTRAINT appointments_times CHECK (busy_from <= start_at AND start_at < end_at AND end_at <= busy_to),
    CONSTRAINT appointments_held CHECK (status <> 'held' OR hold_expires_at IS NOT NULL),
    CONSTRAINT appointments_confirmed CHECK (
        status <> 'confirmed' OR (intent_key IS NOT NULL AND name IS NOT NULL AND phone IS NOT NULL)),
    CONSTRAINT appointments_no_overlap EXCLUDE USING gist (
        uuidrange(staff_id, staff_id, '[]') WITH =,
        tstzrange(busy_from, busy_to, '[)') WITH &&
    ) WHERE (status IN ('held', 'confirmed'))
);
CREATE UNIQUE INDEX appointments_intent ON appointments (tenant_id, intent_key) WHERE status = 'confirmed';
-- Row-level security keeps range operators out of index conditions because they are not leakproof, so reading
-- what is busy goes by plain comparisons; by the end, since the past only grows.
CREATE INDEX appointments_busy ON appointments (tenant_id, staff_id, busy_to) WHERE status IN ('held', 'confirmed');
CREATE INDEX appointments_held_until ON appointments (hold_expires_at) WHERE status = 'held';

-- The number called is known before the tenant is. Only this function may look across tenants for it, and it
-- tells no more than the tenant's id.
CREATE FUNCTION tenant_by_number(called text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT n.tenant_id FROM public.numbers n WHERE n.e164 = called $$;

-- Makes the months that are missing, from the one that holds `from_at` on. A partition has row-level security
-- forced, no policy and no grant: its rows can be reached through the parent alone. ATTACH takes a weaker
-- lock on the parent than CREATE … PARTITION OF, so calls go on being written meanwhile.
CREATE FUNCTION ensure_month_partitions(from_at timestamptz, months_ahead integer) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
    AS $$
DECLARE
    parent text;
    part text;
    month timestamptz;
    made text[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('voicefleet.ensure_month_partitions', 0));
    FOREACH parent IN ARRAY ARRAY['calls', 'turns'] LOOP
        FOR ahead IN 0 .. least(greatest(months_ahead, 0), 24) LOOP
            month := date_trunc('month', from_at) + make_interval(months => ahead);
            part := parent || to_char(month, '"_y"YYYY"m"MM');
            CONTINUE WHEN to_regclass('public.' || quote_ident(part)) IS NOT NULL;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', part, parent);
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                parent, part, month, month + interval '1 month');
            made := made || part;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY
        ARRAY['tenants', 'numbers', 'staff', 'calls', 'turns', 'call_state', 'appointments']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY own_tenant ON %I TO voicefleet_app USING (%I = current_tenant())',
            tenant_table, CASE tenant_table WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END);
        EXECUTE format('CREATE POLICY whole_fleet ON %I TO voicefleet_keeper USING (true)', tenant_table);
    END LOOP;
END $$;

GRANT SELECT ON tenants, numbers, staff, schema_migrations TO voicefleet_app;
GRANT SELECT, INSERT, UPDATE ON calls, turns, appointments TO voicefleet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON call_state, workers TO voicefleet_app;
GRANT SELECT ON schema_migrations TO voicefleet_keeper;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON tenants, numbers, staff, calls, turns, call_state, appointments, workers TO voicefleet_keeper;

REVOKE EXECUTE ON FUNCTION tenant_by_number(text), ensure_month_partitions(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_by_number(text), ensure_month_partitions(timestamptz, integer)
    TO voicefleet_app, voicefleet_keeper;

-- FORCE binds the owner of `numbers` too, so this function must belong to a role whose policy shows every
-- row.
GRANT CREATE ON SCHEMA public TO voicefleet_keeper;
ALTER FUNCTION tenant_by_number(text) OWNER TO voicefleet_keeper;
REVOKE CREATE ON SCHEMA public FROM voicefleet_keeper;

SELECT ensure_month_partitions(now(), 3);
