from django.db import migrations


class Migration(migrations.Migration):
    """Articles are numbered by a sequence: short for people, never reused."""

    dependencies = [("knowledge", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE IF NOT EXISTS knowledge_number AS bigint START 101", "DROP SEQUENCE IF EXISTS knowledge_number"
        )
    ]
