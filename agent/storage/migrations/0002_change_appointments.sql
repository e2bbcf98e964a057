-- Who took a confirmed appointment away, by the key of that change, and which appointment replaced it.
ALTER TABLE appointments ADD COLUMN change_key text, ADD COLUMN moved_to uuid;

-- A caller's appointments are looked for among those to come, which stay few while the past grows.
CREATE INDEX appointments_upcoming ON appointments (tenant_id, start_at) WHERE status = 'confirmed';
