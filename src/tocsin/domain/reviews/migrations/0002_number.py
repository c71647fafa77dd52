from django.db import migrations


class Migration(migrations.Migration):
    """Reviews are numbered by a sequence: short for people, never reused."""

    dependencies = [("reviews", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE IF NOT EXISTS reviews_number AS bigint START 101", "DROP SEQUENCE IF EXISTS reviews_number"
        )
    ]
