from django.db import migrations


class Migration(migrations.Migration):
    """Account escalations are numbered by a sequence: short for people, never reused."""

    dependencies = [("status", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE IF NOT EXISTS status_account_number AS bigint START 11",
            "DROP SEQUENCE IF EXISTS status_account_number",
        )
    ]
