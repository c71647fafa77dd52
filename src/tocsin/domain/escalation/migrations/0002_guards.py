from django.db import migrations

# Removing demonstration data is the one act that may delete versions; it says so for its transaction with
# SET LOCAL tocsin.demo_removal = 'on'. Nothing may ever change one.
GUARDS = """
CREATE FUNCTION escalation_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('tocsin.demo_removal', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'policy versions are immutable: % on % is refused; publish a new version', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER escalation_version_no_change BEFORE UPDATE OR DELETE ON escalation_policyversion
    FOR EACH ROW EXECUTE FUNCTION escalation_version_refuse();
"""

DROP_GUARDS = """
DROP TRIGGER escalation_version_no_change ON escalation_policyversion;
DROP FUNCTION escalation_version_refuse();
"""


class Migration(migrations.Migration):
    """A run keeps the version it began with, so a version must stay what it was (SEMANTICS 4)."""

    dependencies = [("escalation", "0001_initial")]

    operations = [migrations.RunSQL(GUARDS, DROP_GUARDS)]
