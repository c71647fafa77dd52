"""Plans for the three types of escalation, so that "an escalation opens a communication plan" holds from the first day."""

from django.db import migrations

from tocsin.kernel.clock import database_now
from tocsin.kernel.ids import new_id

CUSTOMER = """Hello {{ first_name|there }},

{{ update }}

Next update by: {{ next_update|as soon as there is news }}

{{ speaker }}"""
EXECUTIVES = """{{ update }}

{{ internal }}

Customer: {{ customer|none }}. Severity: {{ severity }}. Owner: {{ owner }}.
Next update by: {{ next_update|as soon as there is news }}"""
STAKEHOLDERS = """{{ update }}

{{ internal }}

{{ reference }}, {{ status }}. Next update by: {{ next_update|as soon as there is news }}"""
TEAM = """{{ internal }}

The customer reads: {{ update }}

{{ reference }}, owner {{ owner }}. Next update by: {{ next_update|as soon as there is news }}"""

TEMPLATES = {
    "customer": ("For the customer", "Update {{ number }} on {{ reference }}", CUSTOMER),
    "executives": ("For executives", "{{ customer|Escalation }}: {{ subject }} (update {{ number }})", EXECUTIVES),
    "stakeholders": ("For stakeholders", "{{ reference }} {{ subject }}: update {{ number }}", STAKEHOLDERS),
    "team": ("For the team", "{{ reference }}: update {{ number }} is out", TEAM),
}
# {type: {audience: (ways, {priority: minutes}, who speaks)}}
PLANS = {
    "customer": {
        "executives": (["mail", "push"], {"1": 60, "2": 240}, "escalation_manager"),
        "customer": (["thread"], {"1": 60, "2": 120, "3": 480, "4": 1440}, "owner"),
        "stakeholders": (["mail", "push"], {"1": 60, "2": 240}, "owner"),
        "team": (["chat", "push"], {}, "owner"),
    },
    "technical": {
        "executives": (["mail", "push"], {"1": 60}, "escalation_manager"),
        "customer": (["thread"], {"1": 60, "2": 240, "3": 1440}, "owner"),
        "stakeholders": (["mail", "push"], {"1": 60, "2": 240}, "owner"),
        "team": (["chat", "push"], {}, "owner"),
    },
    "internal": {
        "executives": ([], {}, "escalation_manager"),
        "customer": ([], {}, "owner"),
        "stakeholders": (["mail", "push"], {}, "owner"),
        "team": (["chat", "push"], {}, "owner"),
    },
}


def add(apps, schema_editor):
    at = database_now(schema_editor.connection)
    models = {name: apps.get_model("stakeholders", name) for name in ("Template", "TemplateVersion", "Plan", "PlanAudience")}
    made = {}
    for audience, (name, subject, body) in TEMPLATES.items():
        template = models["Template"].objects.create(id=new_id(), name=name, audience=audience)
        template.current = models["TemplateVersion"].objects.create(
            id=new_id(), template=template, number=1, subject=subject, body=body, made_at=at, made_by="system"
        )
        template.save()
        made[audience] = template
    for kind, audiences in PLANS.items():
        plan = models["Plan"].objects.create(id=new_id(), type=kind, enabled=True, changed_at=at)
        for audience, (ways, cadence, speaker) in audiences.items():
            models["PlanAudience"].objects.create(
                plan=plan, audience=audience, ways=ways, cadence=cadence, speaker=speaker, template=made[audience]
            )


class Migration(migrations.Migration):
    dependencies = [("stakeholders", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
