from django.db import migrations

from tocsin.kernel.ids import new_id

TAXONOMY = {
    "Change": ["Release or deployment", "Configuration", "Planned work that overran"],
    "Capacity": ["Load above what was planned", "Too few people on shift"],
    "Fault": ["Hardware", "Software", "Network", "Power or building"],
    "Supplier": ["Outage of a supplier", "Slow answer of a supplier"],
    "Knowledge": ["No article", "Article wrong or not found", "Not trained for it"],
    "Process": ["Handover lost something", "Decision right missing", "Wrong team or priority", "Monitoring missed it"],
    "Communication": ["Expectation not asked", "Promise not kept", "Not told in time"],
    "Security": ["Access or account", "Attack or abuse"],
    "Use": ["Wrong use", "Request, not a fault"],
    "Not known": [],
}
RULES = [
    {"name": "Every Sev1", "types": [], "least_severity": 1, "share": 100},
    {"name": "Every customer escalation up to Sev2", "types": ["customer"], "least_severity": 2, "share": 100},
    {"name": "Rated 1 of 5", "types": [], "least_severity": 4, "share": 100, "rating_at_most": 1},
    {"name": "One in twenty of all others", "types": [], "least_severity": 4, "share": 5},
]


def seed(apps, schema_editor):
    category, rule = apps.get_model("reviews", "CauseCategory"), apps.get_model("reviews", "StartRule")
    for name, children in TAXONOMY.items():
        parent = category.objects.create(id=new_id(), name=name)
        for child in children:
            category.objects.create(id=new_id(), name=child, parent=parent)
    for one in RULES:
        rule.objects.create(id=new_id(), **one)


class Migration(migrations.Migration):
    """A taxonomy of causes and rules to begin with; both are the organisation's own from then on."""

    dependencies = [("reviews", "0002_number")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
