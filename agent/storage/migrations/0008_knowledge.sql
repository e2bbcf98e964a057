-- What a business has told us, in the passages that are spoken, and where each answer came from.
CREATE EXTENSION IF NOT EXISTS vector;

-- A file, page or table a business gave us, by the name its passages are cited under.
CREATE TABLE kb_sources (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text NOT NULL,
    sha256 text NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, name)
);

-- The knowledge base counts its changes; every citation names the version it was made of.
CREATE TABLE kb_versions (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version integer NOT NULL CHECK (version > 0),
    source_name text NOT NULL,
    added integer NOT NULL,
    kept integer NOT NULL,
    retired integer NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, version)
);

-- Live from since_version to before until_version. A changed passage is a new row; old ones stay, for citations name them.
CREATE TABLE kb_passages (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    source_id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('faq', 'objection', 'policy', 'service')),
    title text NOT NULL,
    questions text[] NOT NULL DEFAULT '{}',
    text text NOT NULL,
    spoken text NOT NULL,
    keywords tsvector NOT NULL,
    sha256 text NOT NULL,
    since_version integer NOT NULL,
    until_version integer CHECK (until_version > since_version),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES kb_sources (tenant_id, id)
);
CREATE UNIQUE INDEX kb_passages_live ON kb_passages (tenant_id, source_id, key) WHERE until_version IS NULL;

-- Embeddings of live passages, several for each: its title, its other questions, its text in pieces. A search reads
-- those of one model; while another is being introduced both are here.
CREATE TABLE kb_vectors (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    model text NOT NULL,
    passage_id uuid NOT NULL,
    part smallint NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (tenant_id, model, passage_id, part),
    FOREIGN KEY (tenant_id, passage_id) REFERENCES kb_passages (tenant_id, id)
);

-- Which model's vectors are searched; another takes its place once every live passage has its vectors.
CREATE TABLE kb_models (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    model text NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);

-- From a sentence heard to its source: what a caller's turn found, best first, and what became of it.
CREATE TABLE citations (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    started_at timestamptz NOT NULL,
    call_id uuid NOT NULL,
    seq integer NOT NULL,
    place smallint NOT NULL,
    passage_id uuid NOT NULL,
    version integer NOT NULL,
    score real NOT NULL,
    used text NOT NULL CHECK (used IN ('spoken', 'shortened', 'asked_about', 'passed_over')),
    PRIMARY KEY (started_at, call_id, seq, place),
    FOREIGN KEY (tenant_id, passage_id) REFERENCES kb_passages (tenant_id, id)
) PARTITION BY RANGE (started_at);
CREATE INDEX citations_by_passage ON citations (tenant_id, passage_id);

-- What callers asked and nobody could answer, for the business to read.
CREATE TABLE unanswered (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    call_id uuid NOT NULL,
    place smallint NOT NULL,
    words text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, call_id, place)
);
CREATE INDEX unanswered_newest ON unanswered (tenant_id, asked_at DESC);

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'kb_sources', 'kb_versions', 'kb_passages', 'kb_vectors', 'kb_models', 'citations', 'unanswered'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY own_tenant ON %I TO voicefleet_app USING (tenant_id = current_tenant())',
            tenant_table);
        EXECUTE format('CREATE POLICY whole_fleet ON %I TO voicefleet_keeper USING (true)', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO voicefleet_keeper', tenant_table);
    END LOOP;
END $$;

-- A call reads the base and writes what came of it; only an operator's hand and the keeper change the base itself.
GRANT SELECT ON kb_sources, kb_versions, kb_passages, kb_vectors, kb_models TO voicefleet_app;
GRANT SELECT, INSERT ON citations, unanswered TO voicefleet_app;

-- Citations come with the calls and go with them, month by month.
CREATE OR REPLACE FUNCTION ensure_month_partitions(from_at timestamptz, months_ahead integer) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
    AS $$
DECLARE
    parent text;
    part text;
    month timestamptz;
    made text[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('voicefleet.ensure_month_partitions', 0));
    FOREACH parent IN ARRAY ARRAY['calls', 'turns', 'citations'] LOOP
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

SELECT ensure_month_partitions(now() - interval '1 day', 3);
