-- What calls have cost, item by item, while they go on and after them.

-- One row for what one agent's part of a call used of one provider and unit; written again and again as it grows.
-- `amount` is in thousandths of the unit, money in 10⁻⁹ USD at the prices of the day on which the call began.
CREATE TABLE spend (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    started_at timestamptz NOT NULL,
    call_id uuid NOT NULL,
    epoch integer NOT NULL CHECK (epoch > 0),
    kind text NOT NULL,
    provider text NOT NULL,
    unit text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    nano_usd bigint NOT NULL CHECK (nano_usd >= 0),
    PRIMARY KEY (started_at, call_id, epoch, kind, provider, unit)
) PARTITION BY RANGE (started_at);
CREATE INDEX spend_by_tenant ON spend (tenant_id, started_at DESC);
ALTER TABLE spend ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON spend TO voicefleet_app USING (tenant_id = current_tenant());
CREATE POLICY whole_fleet ON spend TO voicefleet_keeper USING (true);
GRANT SELECT, INSERT, UPDATE ON spend TO voicefleet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON spend TO voicefleet_keeper;

-- A call must know what all calls of the fleet have cost; only this function may look across tenants for it, and it
-- tells no more than the sum.
CREATE FUNCTION fleet_spent_since(since timestamptz) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce(sum(s.nano_usd), 0)::bigint FROM public.spend s WHERE s.started_at >= since $$;
REVOKE EXECUTE ON FUNCTION fleet_spent_since(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fleet_spent_since(timestamptz) TO voicefleet_app, voicefleet_keeper;
-- FORCE binds the owner of `spend` too, so this function must belong to a role whose policy shows every row.
GRANT CREATE ON SCHEMA public TO voicefleet_keeper;
ALTER FUNCTION fleet_spent_since(timestamptz) OWNER TO voicefleet_keeper;
REVOKE CREATE ON SCHEMA public FROM voicefleet_keeper;

-- Spend comes with the calls and goes with them, month by month.
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
END $$;

SELECT ensure_month_partitions(now() - interval '1 day', 3);
