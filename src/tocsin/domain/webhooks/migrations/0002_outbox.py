from django.db import migrations

# One statement for all entries of one insert; nothing to do where nobody subscribes.
OUTBOX = """
CREATE FUNCTION webhooks_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM webhooks_subscription WHERE enabled) THEN
        INSERT INTO webhooks_delivery (id, subscription_id, entry, kind, made_at, state, due_at, tries, body)
        SELECT gen_random_uuid(), s.id, fresh.id, fresh.kind, fresh.at, 'pending', clock_timestamp(), 0, ''
        FROM fresh
        JOIN webhooks_subscription s ON s.enabled AND (
            s.kinds = '[]'::jsonb
            OR s.kinds ? fresh.kind
            OR s.kinds ? (split_part(fresh.kind, '.', 1) || '.*')
        );
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER webhooks_outbox AFTER INSERT ON journal_entry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION webhooks_enqueue();
"""

DROP = """
DROP TRIGGER webhooks_outbox ON journal_entry;
DROP FUNCTION webhooks_enqueue();
"""


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial"), ("journal", "0001_initial")]

    operations = [migrations.RunSQL(OUTBOX, DROP)]
