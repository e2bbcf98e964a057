-- Written by `voicefleet migrate --write-schema`; the migrations are the source.

CREATE TYPE uuidrange AS RANGE (subtype = uuid);

CREATE OR REPLACE FUNCTION public.current_tenant()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid;
CREATE OR REPLACE FUNCTION public.ensure_month_partitions(from_at timestamp with time zone, months_ahead integer)
 RETURNS text[]
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
    parent text;
    part text;
    month timestamptz;
    made text[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('voicefleet.ensure_month_partitions', 0));
    FOREACH parent IN ARRAY ARRAY['calls', 'turns', 'citations', 'spend'] LOOP
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
END $function$;
CREATE OR REPLACE FUNCTION public.fleet_spent_since(since timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT coalesce(sum(s.nano_usd), 0)::bigint FROM public.spend s WHERE s.started_at >= since $function$;
CREATE OR REPLACE FUNCTION public.tenant_by_number(called text)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT n.tenant_id FROM public.numbers n WHERE n.e164 = called $function$;

CREATE TABLE appointments (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    service_id text NOT NULL,
    status text NOT NULL,
    start_at timestamp with time zone NOT NULL,
    end_at timestamp with time zone NOT NULL,
    busy_from timestamp with time zone NOT NULL,
    busy_to timestamp with time zone NOT NULL,
    hold_expires_at timestamp with time zone,
    intent_key text,
    call_id uuid,
    name text,
    phone text,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    updated_at timestamp with time zone NOT NULL DEFAULT now(),
    change_key text,
    moved_to uuid,
    CONSTRAINT appointments_confirmed CHECK (((status <> 'confirmed'::text) OR ((intent_key IS NOT NULL) AND (name IS NOT NULL) AND (phone IS NOT NULL)))),
    CONSTRAINT appointments_held CHECK (((status <> 'held'::text) OR (hold_expires_at IS NOT NULL))),
    CONSTRAINT appointments_no_overlap EXCLUDE USING gist (uuidrange(staff_id, staff_id, '[]'::text) WITH =, tstzrange(busy_from, busy_to, '[)'::text) WITH &&) WHERE ((status = ANY (ARRAY['held'::text, 'confirmed'::text]))),
    CONSTRAINT appointments_pkey PRIMARY KEY (id),
    CONSTRAINT appointments_status_check CHECK ((status = ANY (ARRAY['held'::text, 'confirmed'::text, 'cancelled'::text, 'expired'::text]))),
    CONSTRAINT appointments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT appointments_tenant_id_staff_id_fkey FOREIGN KEY (tenant_id, staff_id) REFERENCES staff(tenant_id, id),
    CONSTRAINT appointments_times CHECK (((busy_from <= start_at) AND (start_at < end_at) AND (end_at <= busy_to)))
);
CREATE TABLE breakers (
    kind text NOT NULL,
    name text NOT NULL,
    standing text NOT NULL DEFAULT 'closed'::text,
    since_at timestamp with time zone,
    cause text,
    reason text NOT NULL DEFAULT ''::text,
    open_s double precision NOT NULL DEFAULT 0,
    due_at timestamp with time zone,
    told_at timestamp with time zone,
    in_a_row timestamp with time zone[] NOT NULL DEFAULT '{}'::timestamp with time zone[],
    buckets jsonb NOT NULL DEFAULT '[]'::jsonb,
    CONSTRAINT breakers_cause_check CHECK ((cause = ANY (ARRAY['rate'::text, 'burst'::text, 'probe'::text, 'refused'::text]))),
    CONSTRAINT breakers_kind_check CHECK ((kind = ANY (ARRAY['stt'::text, 'model'::text, 'tts'::text]))),
    CONSTRAINT breakers_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT breakers_open_s_check CHECK ((open_s >= (0)::double precision)),
    CONSTRAINT breakers_pkey PRIMARY KEY (kind, name),
    CONSTRAINT breakers_standing_check CHECK ((standing = ANY (ARRAY['closed'::text, 'half-open'::text, 'open'::text])))
);
CREATE TABLE call_state (
    call_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    room text NOT NULL,
    epoch integer NOT NULL DEFAULT 1,
    state jsonb,
    lease_until timestamp with time zone NOT NULL,
    CONSTRAINT call_state_epoch_check CHECK ((epoch > 0)),
    CONSTRAINT call_state_pkey PRIMARY KEY (call_id),
    CONSTRAINT call_state_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT call_state_tenant_id_room_key UNIQUE (tenant_id, room)
);
CREATE TABLE calls (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    room text NOT NULL,
    sip_call_id text,
    caller_e164 text,
    called_e164 text NOT NULL,
    worker_id text,
    status text NOT NULL DEFAULT 'ringing'::text,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    disposition text,
    outcome text,
    hangup_by text,
    recording text NOT NULL DEFAULT 'off'::text,
    facts jsonb NOT NULL DEFAULT '{}'::jsonb,
    CONSTRAINT calls_ended CHECK ((((status = 'ended'::text) = (ended_at IS NOT NULL)) AND ((status = 'ended'::text) = (outcome IS NOT NULL)))),
    CONSTRAINT calls_hangup_by_check CHECK ((hangup_by = ANY (ARRAY['caller'::text, 'agent'::text, 'fleet'::text]))),
    CONSTRAINT calls_outcome_check CHECK ((outcome = ANY (ARRAY['success'::text, 'client'::text, 'server'::text, 'upstream'::text, 'indeterminate'::text]))),
    CONSTRAINT calls_pkey PRIMARY KEY (started_at, id),
    CONSTRAINT calls_recording_check CHECK ((recording = ANY (ARRAY['off'::text, 'announced'::text, 'consented'::text, 'declined'::text]))),
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['ringing'::text, 'active'::text, 'ended'::text]))),
    CONSTRAINT calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
) PARTITION BY RANGE (started_at);
CREATE TABLE citations (
    tenant_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    call_id uuid NOT NULL,
    seq integer NOT NULL,
    place smallint NOT NULL,
    passage_id uuid NOT NULL,
    version integer NOT NULL,
    score real NOT NULL,
    used text NOT NULL,
    CONSTRAINT citations_pkey PRIMARY KEY (started_at, call_id, seq, place),
    CONSTRAINT citations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT citations_tenant_id_passage_id_fkey FOREIGN KEY (tenant_id, passage_id) REFERENCES kb_passages(tenant_id, id),
    CONSTRAINT citations_used_check CHECK ((used = ANY (ARRAY['spoken'::text, 'shortened'::text, 'asked_about'::text, 'passed_over'::text])))
) PARTITION BY RANGE (started_at);
CREATE TABLE consents (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    purpose text NOT NULL,
    phone text NOT NULL,
    asked text NOT NULL,
    words text NOT NULL,
    call_id uuid NOT NULL,
    given_at timestamp with time zone NOT NULL DEFAULT now(),
    withdrawn_at timestamp with time zone,
    CONSTRAINT consents_pkey PRIMARY KEY (id),
    CONSTRAINT consents_purpose_check CHECK ((purpose = 'sms'::text)),
    CONSTRAINT consents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE TABLE cut_off_calls (
    tenant_id uuid NOT NULL,
    caller_e164 text NOT NULL,
    left_behind jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT cut_off_calls_pkey PRIMARY KEY (tenant_id, caller_e164),
    CONSTRAINT cut_off_calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE TABLE kb_evaluations (
    tenant_id uuid NOT NULL,
    run integer NOT NULL,
    at timestamp with time zone NOT NULL,
    version integer NOT NULL,
    model text NOT NULL,
    set_sha256 text NOT NULL,
    accept double precision NOT NULL,
    confirm double precision NOT NULL,
    figures jsonb NOT NULL,
    outcomes jsonb NOT NULL,
    CONSTRAINT kb_evaluations_pkey PRIMARY KEY (tenant_id, run),
    CONSTRAINT kb_evaluations_run_check CHECK ((run > 0)),
    CONSTRAINT kb_evaluations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE TABLE kb_models (
    tenant_id uuid NOT NULL,
    model text NOT NULL,
    since timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT kb_models_pkey PRIMARY KEY (tenant_id),
    CONSTRAINT kb_models_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE TABLE kb_passages (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    source_id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    questions text[] NOT NULL DEFAULT '{}'::text[],
    text text NOT NULL,
    spoken text NOT NULL,
    keywords tsvector NOT NULL,
    sha256 text NOT NULL,
    since_version integer NOT NULL,
    until_version integer,
    CONSTRAINT kb_passages_check CHECK ((until_version > since_version)),
    CONSTRAINT kb_passages_kind_check CHECK ((kind = ANY (ARRAY['faq'::text, 'objection'::text, 'policy'::text, 'service'::text]))),
    CONSTRAINT kb_passages_pkey PRIMARY KEY (id),
    CONSTRAINT kb_passages_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT kb_passages_tenant_id_id_key UNIQUE (tenant_id, id),
    CONSTRAINT kb_passages_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES kb_sources(tenant_id, id)
);
CREATE TABLE kb_question_sets (
    tenant_id uuid NOT NULL,
    sha256 text NOT NULL,
    stored_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT kb_question_sets_pkey PRIMARY KEY (tenant_id),
    CONSTRAINT kb_question_sets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE TABLE kb_question_vectors (
    tenant_id uuid NOT NULL,
    question_id text NOT NULL,
    model text NOT NULL,
    embedding halfvec NOT NULL,
    CONSTRAINT kb_question_vectors_pkey PRIMARY KEY (tenant_id, question_id, model),
    CONSTRAINT kb_question_vectors_tenant_id_question_id_fkey FOREIGN KEY (tenant_id, question_id) REFERENCES kb_questions(tenant_id, id) ON DELETE CASCADE
);
CREATE TABLE kb_questions (
    tenant_id uuid NOT NULL,
    id text NOT NULL,
    place integer NOT NULL,
    question text NOT NULL,
    expects text[] NOT NULL,
    CONSTRAINT kb_questions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT kb_questions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES kb_question_sets(tenant_id)
);
CREATE TABLE kb_sources (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    read_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT kb_sources_pkey PRIMARY KEY (id),
    CONSTRAINT kb_sources_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT kb_sources_tenant_id_id_key UNIQUE (tenant_id, id),
    CONSTRAINT kb_sources_tenant_id_name_key UNIQUE (tenant_id, name)
);
CREATE TABLE kb_vectors (
    tenant_id uuid NOT NULL,
    model text NOT NULL,
    passage_id uuid NOT NULL,
    part smallint NOT NULL,
    embedding halfvec NOT NULL,
    CONSTRAINT kb_vectors_pkey PRIMARY KEY (tenant_id, model, passage_id, part),
    CONSTRAINT kb_vectors_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT kb_vectors_tenant_id_passage_id_fkey FOREIGN KEY (tenant_id, passage_id) REFERENCES kb_passages(tenant_id, id)
);
CREATE TABLE kb_versions (
    tenant_id uuid NOT NULL,
    version integer NOT NULL,
    source_name text NOT NULL,
    added integer NOT NULL,
    kept integer NOT NULL,
    retired integer NOT NULL,
    made_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT kb_versions_pkey PRIMARY KEY (tenant_id, version),
    CONSTRAINT kb_versions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT kb_versions_version_check CHECK ((version > 0))
);
CREATE TABLE messages (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    intent_key text NOT NULL,
    reason text NOT NULL,
    text text NOT NULL,
    recipient text,
    urgent boolean NOT NULL,
    confirmed boolean NOT NULL,
    name text,
    phone text,
    caller_e164 text,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    updated_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT messages_reason_check CHECK ((reason = ANY (ARRAY['message'::text, 'change'::text, 'not_found'::text, 'not_understood'::text, 'store_failed'::text, 'cut_off'::text, 'lead'::text]))),
    CONSTRAINT messages_tenant_id_call_id_intent_key_key UNIQUE (tenant_id, call_id, intent_key),
    CONSTRAINT messages_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE TABLE numbers (
    e164 text NOT NULL,
    tenant_id uuid NOT NULL,
    CONSTRAINT numbers_e164_check CHECK ((e164 ~ '^\+[1-9][0-9]{6,14}$'::text)),
    CONSTRAINT numbers_pkey PRIMARY KEY (e164),
    CONSTRAINT numbers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE TABLE outbox (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    due_at timestamp with time zone NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    claimed_until timestamp with time zone,
    sent_at timestamp with time zone,
    parked_at timestamp with time zone,
    error text,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT outbox_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT outbox_ends_once CHECK (((sent_at IS NULL) OR (parked_at IS NULL))),
    CONSTRAINT outbox_kind_check CHECK ((kind = ANY (ARRAY['sms_confirmation'::text, 'sms_link'::text, 'message_notice'::text, 'waitlist_notice'::text]))),
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT outbox_tenant_id_key_key UNIQUE (tenant_id, key)
);
CREATE TABLE schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT schema_migrations_pkey PRIMARY KEY (version)
);
CREATE TABLE spend (
    tenant_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    call_id uuid NOT NULL,
    epoch integer NOT NULL,
    kind text NOT NULL,
    provider text NOT NULL,
    unit text NOT NULL,
    amount bigint NOT NULL,
    nano_usd bigint NOT NULL,
    CONSTRAINT spend_amount_check CHECK ((amount >= 0)),
    CONSTRAINT spend_epoch_check CHECK ((epoch > 0)),
    CONSTRAINT spend_nano_usd_check CHECK ((nano_usd >= 0)),
    CONSTRAINT spend_pkey PRIMARY KEY (started_at, call_id, epoch, kind, provider, unit),
    CONSTRAINT spend_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
) PARTITION BY RANGE (started_at);
CREATE TABLE staff (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    CONSTRAINT staff_pkey PRIMARY KEY (id),
    CONSTRAINT staff_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT staff_tenant_id_id_key UNIQUE (tenant_id, id)
);
CREATE TABLE tenant_versions (
    tenant_id uuid NOT NULL,
    version integer NOT NULL,
    slug text NOT NULL,
    config jsonb NOT NULL,
    applied_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT tenant_versions_pkey PRIMARY KEY (tenant_id, version),
    CONSTRAINT tenant_versions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT tenant_versions_version_check CHECK ((version > 0))
);
CREATE TABLE tenants (
    id uuid NOT NULL,
    slug text NOT NULL,
    config jsonb NOT NULL,
    config_version integer NOT NULL DEFAULT 1,
    updated_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT tenants_config_version_check CHECK ((config_version > 0)),
    CONSTRAINT tenants_pkey PRIMARY KEY (id),
    CONSTRAINT tenants_slug_key UNIQUE (slug)
);
CREATE TABLE turns (
    tenant_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    call_id uuid NOT NULL,
    seq integer NOT NULL,
    role text NOT NULL,
    at timestamp with time zone NOT NULL,
    text text NOT NULL,
    interrupted boolean NOT NULL DEFAULT false,
    heard_text text,
    events jsonb NOT NULL DEFAULT '[]'::jsonb,
    timings jsonb NOT NULL DEFAULT '{}'::jsonb,
    CONSTRAINT turns_pkey PRIMARY KEY (started_at, call_id, seq),
    CONSTRAINT turns_role_check CHECK ((role = ANY (ARRAY['caller'::text, 'agent'::text]))),
    CONSTRAINT turns_seq_check CHECK ((seq >= 0)),
    CONSTRAINT turns_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
) PARTITION BY RANGE (started_at);
CREATE TABLE unanswered (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    place smallint NOT NULL,
    words text NOT NULL,
    asked_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT unanswered_pkey PRIMARY KEY (id),
    CONSTRAINT unanswered_tenant_id_call_id_place_key UNIQUE (tenant_id, call_id, place),
    CONSTRAINT unanswered_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE TABLE waitlist (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    call_id uuid,
    waiting_key text NOT NULL,
    service_id text NOT NULL,
    earliest_at timestamp with time zone NOT NULL,
    latest_at timestamp with time zone NOT NULL,
    not_before time without time zone,
    not_after time without time zone,
    except_on date[] NOT NULL DEFAULT '{}'::date[],
    wants_staff boolean NOT NULL DEFAULT false,
    only_staff uuid[] NOT NULL DEFAULT '{}'::uuid[],
    but_staff uuid[] NOT NULL DEFAULT '{}'::uuid[],
    name text NOT NULL,
    phone text NOT NULL,
    freed_at timestamp with time zone,
    matched_staff_id uuid,
    matched_start_at timestamp with time zone,
    matched_end_at timestamp with time zone,
    matched_busy_from timestamp with time zone,
    matched_busy_to timestamp with time zone,
    CONSTRAINT waitlist_matched CHECK ((((freed_at IS NULL) = (matched_start_at IS NULL)) AND ((freed_at IS NULL) = (matched_staff_id IS NULL)))),
    CONSTRAINT waitlist_pkey PRIMARY KEY (id),
    CONSTRAINT waitlist_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
    CONSTRAINT waitlist_tenant_id_matched_staff_id_fkey FOREIGN KEY (tenant_id, matched_staff_id) REFERENCES staff(tenant_id, id),
    CONSTRAINT waitlist_window CHECK ((earliest_at <= latest_at))
);
CREATE TABLE workers (
    worker_id text NOT NULL,
    seats integer NOT NULL,
    busy integer NOT NULL,
    updated_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT workers_busy_check CHECK ((busy >= 0)),
    CONSTRAINT workers_pkey PRIMARY KEY (worker_id),
    CONSTRAINT workers_seats_check CHECK ((seats >= 0))
);

CREATE INDEX appointments_busy ON public.appointments USING btree (tenant_id, staff_id, busy_to) WHERE (status = ANY (ARRAY['held'::text, 'confirmed'::text]));
CREATE INDEX appointments_held_until ON public.appointments USING btree (hold_expires_at) WHERE (status = 'held'::text);
CREATE UNIQUE INDEX appointments_intent ON public.appointments USING btree (tenant_id, intent_key) WHERE (status = 'confirmed'::text);
CREATE INDEX appointments_upcoming ON public.appointments USING btree (tenant_id, start_at) WHERE (status = 'confirmed'::text);
CREATE INDEX calls_by_tenant ON ONLY public.calls USING btree (tenant_id, started_at DESC);
CREATE INDEX citations_by_passage ON ONLY public.citations USING btree (tenant_id, passage_id);
CREATE UNIQUE INDEX consents_standing ON public.consents USING btree (tenant_id, purpose, phone) WHERE (withdrawn_at IS NULL);
CREATE UNIQUE INDEX kb_passages_live ON public.kb_passages USING btree (tenant_id, source_id, key) WHERE (until_version IS NULL);
CREATE INDEX messages_by_intent ON public.messages USING btree (tenant_id, intent_key, created_at);
CREATE INDEX messages_to_read ON public.messages USING btree (tenant_id, urgent DESC, created_at DESC);
CREATE INDEX numbers_tenant ON public.numbers USING btree (tenant_id);
CREATE INDEX outbox_due ON public.outbox USING btree (due_at) WHERE ((sent_at IS NULL) AND (parked_at IS NULL));
CREATE INDEX spend_by_tenant ON ONLY public.spend USING btree (tenant_id, started_at DESC);
CREATE INDEX turns_by_tenant ON ONLY public.turns USING btree (tenant_id, started_at DESC);
CREATE INDEX unanswered_newest ON public.unanswered USING btree (tenant_id, asked_at DESC);
CREATE INDEX waitlist_until ON public.waitlist USING btree (tenant_id, latest_at) WHERE (freed_at IS NULL);
CREATE UNIQUE INDEX waitlist_waiting ON public.waitlist USING btree (tenant_id, waiting_key) WHERE (freed_at IS NULL);

ALTER TABLE appointments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE call_state ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE calls ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE citations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE consents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE cut_off_calls ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kb_evaluations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kb_models ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kb_passages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kb_question_sets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kb_question_vectors ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kb_questions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kb_sources ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kb_vectors ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE kb_versions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE numbers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE spend ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE staff ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant_versions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE turns ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE unanswered ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE waitlist ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own_tenant ON appointments FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON appointments FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON call_state FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON call_state FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON calls FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON calls FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON citations FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON citations FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON consents FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON consents FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON cut_off_calls FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON cut_off_calls FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON kb_evaluations FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON kb_evaluations FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON kb_models FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON kb_models FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON kb_passages FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON kb_passages FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON kb_question_sets FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON kb_question_sets FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON kb_question_vectors FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON kb_question_vectors FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON kb_questions FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON kb_questions FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON kb_sources FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON kb_sources FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON kb_vectors FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON kb_vectors FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON kb_versions FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON kb_versions FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON messages FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON messages FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON numbers FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON numbers FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON outbox FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON outbox FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON spend FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON spend FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON staff FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON staff FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON tenant_versions FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON tenant_versions FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON tenants FOR ALL TO voicefleet_app USING ((id = current_tenant()));
CREATE POLICY whole_fleet ON tenants FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON turns FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON turns FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON unanswered FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON unanswered FOR ALL TO voicefleet_keeper USING (true);
CREATE POLICY own_tenant ON waitlist FOR ALL TO voicefleet_app USING ((tenant_id = current_tenant()));
CREATE POLICY whole_fleet ON waitlist FOR ALL TO voicefleet_keeper USING (true);

ALTER FUNCTION fleet_spent_since(timestamp with time zone) OWNER TO voicefleet_keeper;
ALTER FUNCTION tenant_by_number(text) OWNER TO voicefleet_keeper;

GRANT EXECUTE ON FUNCTION ensure_month_partitions(timestamp with time zone,integer) TO voicefleet_app;
GRANT EXECUTE ON FUNCTION ensure_month_partitions(timestamp with time zone,integer) TO voicefleet_keeper;
GRANT EXECUTE ON FUNCTION fleet_spent_since(timestamp with time zone) TO voicefleet_app;
GRANT EXECUTE ON FUNCTION fleet_spent_since(timestamp with time zone) TO voicefleet_keeper;
GRANT EXECUTE ON FUNCTION tenant_by_number(text) TO voicefleet_app;
GRANT EXECUTE ON FUNCTION tenant_by_number(text) TO voicefleet_keeper;
GRANT INSERT, SELECT, UPDATE ON appointments TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON appointments TO voicefleet_keeper;
GRANT INSERT, SELECT, UPDATE ON breakers TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON breakers TO voicefleet_keeper;
GRANT DELETE, INSERT, SELECT, UPDATE ON call_state TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON call_state TO voicefleet_keeper;
GRANT INSERT, SELECT, UPDATE ON calls TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON calls TO voicefleet_keeper;
GRANT INSERT, SELECT ON citations TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON citations TO voicefleet_keeper;
GRANT INSERT, SELECT, UPDATE ON consents TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON consents TO voicefleet_keeper;
GRANT DELETE, INSERT, SELECT, UPDATE ON cut_off_calls TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON cut_off_calls TO voicefleet_keeper;
GRANT SELECT ON kb_evaluations TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON kb_evaluations TO voicefleet_keeper;
GRANT SELECT ON kb_models TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON kb_models TO voicefleet_keeper;
GRANT SELECT ON kb_passages TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON kb_passages TO voicefleet_keeper;
GRANT SELECT ON kb_question_sets TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON kb_question_sets TO voicefleet_keeper;
GRANT SELECT ON kb_question_vectors TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON kb_question_vectors TO voicefleet_keeper;
GRANT SELECT ON kb_questions TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON kb_questions TO voicefleet_keeper;
GRANT SELECT ON kb_sources TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON kb_sources TO voicefleet_keeper;
GRANT SELECT ON kb_vectors TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON kb_vectors TO voicefleet_keeper;
GRANT SELECT ON kb_versions TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON kb_versions TO voicefleet_keeper;
GRANT INSERT, SELECT, UPDATE ON messages TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON messages TO voicefleet_keeper;
GRANT SELECT ON numbers TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON numbers TO voicefleet_keeper;
GRANT INSERT, SELECT ON outbox TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON outbox TO voicefleet_keeper;
GRANT SELECT ON schema_migrations TO voicefleet_app;
GRANT SELECT ON schema_migrations TO voicefleet_keeper;
GRANT INSERT, SELECT, UPDATE ON spend TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON spend TO voicefleet_keeper;
GRANT SELECT ON staff TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON staff TO voicefleet_keeper;
GRANT SELECT ON tenant_versions TO voicefleet_app;
GRANT INSERT, SELECT ON tenant_versions TO voicefleet_keeper;
GRANT SELECT ON tenants TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON tenants TO voicefleet_keeper;
GRANT INSERT, SELECT, UPDATE ON turns TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON turns TO voicefleet_keeper;
GRANT INSERT, SELECT ON unanswered TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON unanswered TO voicefleet_keeper;
GRANT INSERT, SELECT, UPDATE ON waitlist TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON waitlist TO voicefleet_keeper;
GRANT DELETE, INSERT, SELECT, UPDATE ON workers TO voicefleet_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON workers TO voicefleet_keeper;
