-- What a business's knowledge base is asked to prove itself, and how it did each time.

-- One set of questions a tenant; another takes its place as a whole.
CREATE TABLE kb_question_sets (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    sha256 text NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);

-- A question and the passages that each answer it; none when the base does not say. Its id follows from both, so that a
-- question which expects something else is another question.
CREATE TABLE kb_questions (
    tenant_id uuid NOT NULL REFERENCES kb_question_sets (tenant_id),
    id text NOT NULL,
    place integer NOT NULL,
    question text NOT NULL,
    expects text[] NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- A question's embedding, by the model whose it is: a run at night needs no model.
CREATE TABLE kb_question_vectors (
    tenant_id uuid NOT NULL,
    question_id text NOT NULL,
    model text NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (tenant_id, question_id, model),
    FOREIGN KEY (tenant_id, question_id) REFERENCES kb_questions (tenant_id, id) ON DELETE CASCADE
);

-- A run of a tenant's set: what it stood on, its figures, and what became of each question. The newest ones are kept.
CREATE TABLE kb_evaluations (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    run integer NOT NULL CHECK (run > 0),
    at timestamptz NOT NULL,
    version integer NOT NULL,
    model text NOT NULL,
    set_sha256 text NOT NULL,
    accept double precision NOT NULL,
    confirm double precision NOT NULL,
    figures jsonb NOT NULL,
    outcomes jsonb NOT NULL,
    PRIMARY KEY (tenant_id, run)
);

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'kb_question_sets', 'kb_questions', 'kb_question_vectors', 'kb_evaluations'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY own_tenant ON %I TO voicefleet_app USING (tenant_id = current_tenant())',
            tenant_table);
        EXECUTE format('CREATE POLICY whole_fleet ON %I TO voicefleet_keeper USING (true)', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO voicefleet_keeper', tenant_table);
        -- Written by an operator's hand and the keeper only.
        EXECUTE format('GRANT SELECT ON %I TO voicefleet_app', tenant_table);
    END LOOP;
END $$;
