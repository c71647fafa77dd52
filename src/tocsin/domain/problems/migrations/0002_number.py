from django.db import migrations


class Migration(migrations.Migration):
    """Problems are numbered by a sequence: short for people, never reused."""

    dependencies = [("problems", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE IF NOT EXISTS problems_number AS bigint START 101", "DROP SEQUENCE IF EXISTS problems_number"
        )
    ]
