"""Empty the test database after a test with real transactions, at the cost of what the test wrote.

Django's `flush` truncates all of some 250 tables and makes their defaults anew, whatever the test did. Here a function in
the test database deletes from those tables that hold rows, and puts back what stood there when the session began.
"""

from graphlib import TopologicalSorter

from django.db import connection
from django.test import TransactionTestCase

# Rows that migrations write are kept as copies in a schema of their own. Triggers of our own are off while rows go: they
# refuse the deletion of what is to be kept for good. Those of foreign keys stay on, so that nothing is left dangling.
FUNCTION = """
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one record;
    differs boolean;
    changed text[] := '{}';
BEGIN
    FOR one IN SELECT name, is_kept FROM kept.tables LOOP
        IF one.is_kept THEN
            EXECUTE format(
                'SELECT (SELECT md5(string_agg(r::text, E''\\n'' ORDER BY r::text)) FROM public.%1$I r) IS DISTINCT FROM'
                ' (SELECT md5(string_agg(r::text, E''\\n'' ORDER BY r::text)) FROM kept.%1$I r)', one.name) INTO differs;
        ELSE
            EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one.name) INTO differs;
        END IF;
        IF differs THEN
            changed := changed || one.name::text;
        END IF;
    END LOOP;
    FOR one IN SELECT name FROM kept.tables WHERE name = ANY(changed) AND has_triggers LOOP
        EXECUTE format('ALTER TABLE public.%I DISABLE TRIGGER USER', one.name);
    END LOOP;
    FOR one IN SELECT name FROM kept.tables WHERE name = ANY(changed) ORDER BY place LOOP
        EXECUTE format('DELETE FROM public.%I', one.name);
    END LOOP;
    FOR one IN SELECT name FROM kept.tables WHERE name = ANY(changed) AND is_kept ORDER BY place DESC LOOP
        EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE SELECT * FROM kept.%1$I', one.name);
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR one IN SELECT name, enabled_after FROM kept.tables WHERE name = ANY(changed) AND has_triggers LOOP
        EXECUTE format('ALTER TABLE public.%I %s', one.name, one.enabled_after);
    END LOOP;
END $$
"""
TABLES = """
SELECT c.relname, coalesce(array_agg(t.tgname::text) FILTER (WHERE t.tgenabled = 'O'), '{}'), count(t.oid) > 0
FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
GROUP BY c.relname ORDER BY c.relname
"""
AT_ONCE = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND NOT condeferrable AND conrelid <> confrelid AND connamespace = 'public'::regnamespace
"""


def keep_as_it_is() -> None:
    """Remember every row of the test database as it is now; from now on tests with real transactions end with that."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE")
        cursor.execute("CREATE SCHEMA kept")
        cursor.execute(
            "CREATE TABLE kept.tables"
            " (name name PRIMARY KEY, place int, is_kept bool, has_triggers bool, enabled_after text)"
        )
        cursor.execute(TABLES)
        tables = [row for row in cursor.fetchall() if row[0] != "django_migrations"]
        cursor.execute(AT_ONCE)  # a foreign key that is checked at once: who refers goes first
        order: TopologicalSorter[str] = TopologicalSorter({name: [] for name, *_ in tables})
        for refers, referred in cursor.fetchall():
            order.add(referred, refers)
        place = {name: n for n, name in enumerate(order.static_order())}
        for name, enabled, has_triggers in tables:
            quoted = connection.ops.quote_name(name)
            cursor.execute(f"SELECT EXISTS (SELECT FROM public.{quoted})")
            is_kept = cursor.fetchone()[0]
            if is_kept:
                cursor.execute(f"CREATE TABLE kept.{quoted} AS TABLE public.{quoted}")
            again = ", ".join(f"ENABLE TRIGGER {connection.ops.quote_name(one)}" for one in enabled)
            cursor.execute(
                "INSERT INTO kept.tables VALUES (%s, %s, %s, %s, %s)",
                [name, place[name], is_kept, has_triggers and bool(enabled), again],
            )
        cursor.execute(FUNCTION)
    TransactionTestCase._fixture_teardown = lambda _self: restore()  # type: ignore[attr-defined]  # Django calls flush here


def restore() -> None:
    """Leave the rows that stood in the test database when the session began, and no other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kept.restore()")
