from django.db import migrations

GUARDS = """
CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION journal_stream_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.length <> 0 OR NEW.checkpointed <> 0 THEN
            RAISE EXCEPTION 'the journal is append-only: a stream begins empty' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.name <> OLD.name
        OR NEW.checkpointed < OLD.checkpointed
        OR NEW.checkpointed > NEW.length
        OR NEW.length < OLD.length
        OR (NEW.length = OLD.length AND NEW.head <> OLD.head)
        OR (NEW.length > OLD.length AND NEW.head = OLD.head) THEN
        RAISE EXCEPTION 'the journal is append-only: a stream can only grow' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER journal_entry_no_change BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_entry_no_truncate BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_checkpoint_no_change BEFORE UPDATE OR DELETE ON journal_checkpoint
    FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_checkpoint_no_truncate BEFORE TRUNCATE ON journal_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_stream_grows BEFORE INSERT OR UPDATE ON journal_stream
    FOR EACH ROW EXECUTE FUNCTION journal_stream_only_grows();
CREATE TRIGGER journal_stream_no_delete BEFORE DELETE ON journal_stream
    FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_stream_no_truncate BEFORE TRUNCATE ON journal_stream
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
"""

DROP_GUARDS = """
DROP TRIGGER journal_entry_no_change ON journal_entry;
DROP TRIGGER journal_entry_no_truncate ON journal_entry;
DROP TRIGGER journal_checkpoint_no_change ON journal_checkpoint;
DROP TRIGGER journal_checkpoint_no_truncate ON journal_checkpoint;
DROP TRIGGER journal_stream_grows ON journal_stream;
DROP TRIGGER journal_stream_no_delete ON journal_stream;
DROP TRIGGER journal_stream_no_truncate ON journal_stream;
DROP FUNCTION journal_refuse();
DROP FUNCTION journal_stream_only_grows();
"""

# Triggers stop the application's mistakes; whoever owns the tables could still disable them. A role that owns
# nothing cannot. Called by hand by the owner (docs/operator.md), again after every upgrade that adds tables.
ROLE = """
CREATE FUNCTION tocsin_grant_application(role_name name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept text;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role_name AND (rolsuper OR rolbypassrls)) THEN
        RAISE EXCEPTION 'role % is a superuser: grants cannot restrict it', role_name;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', role_name);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', role_name);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO %I', role_name);
    FOREACH kept IN ARRAY ARRAY['journal_entry', 'journal_checkpoint'] LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER ON %I FROM %I', kept, role_name);
    END LOOP;
    EXECUTE format('REVOKE DELETE, TRUNCATE, TRIGGER ON journal_stream FROM %I', role_name);
END $$;
"""


class Migration(migrations.Migration):
    """The journal is append-only for whoever uses the application's database role (SECURITY 13)."""

    dependencies = [("journal", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARDS, DROP_GUARDS),
        migrations.RunSQL(ROLE, "DROP FUNCTION tocsin_grant_application(name)"),
    ]
