from django.db import migrations


class Migration(migrations.Migration):
    """Ticket numbers come from a sequence: short for people, never reused, no lock between two who open tickets."""

    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE IF NOT EXISTS tickets_number AS bigint START 1001", "DROP SEQUENCE IF EXISTS tickets_number"
        )
    ]
