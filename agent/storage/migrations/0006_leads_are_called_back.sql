-- A lead is called back: one more reason for somebody at the business to read a row.
ALTER TABLE messages DROP CONSTRAINT messages_reason_check;
ALTER TABLE messages ADD CONSTRAINT messages_reason_check CHECK (
    reason IN ('message', 'change', 'not_found', 'not_understood', 'store_failed', 'cut_off', 'lead'));
