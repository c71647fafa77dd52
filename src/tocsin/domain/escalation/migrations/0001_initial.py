import django.db.models.deletion
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('calendars', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('tickets', '0002_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='RoundRobin',
            fields=[
                ('key', models.CharField(max_length=160, primary_key=True, serialize=False)),
                ('last', models.UUIDField(help_text='whose turn it was last')),
                ('position', models.PositiveIntegerField(help_text='their place among the participants then, from 0')),
                ('count', models.PositiveIntegerField(default=0, help_text='turns given so far')),
            ],
        ),
        migrations.CreateModel(
            name='DrillPlan',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('schedule', models.SlugField(blank=True, default='', help_text="empty: all of the team's schedules", max_length=80)),
                ('cadence', models.CharField(choices=[('weekly', 'Every week'), ('monthly', 'Every month')], max_length=8)),
                ('weekday', models.PositiveSmallIntegerField(help_text='0 Monday to 6 Sunday; monthly: the first of the month')),
                ('starts', models.TimeField(help_text='local, of `zone`')),
                ('ends', models.TimeField()),
                ('zone', models.CharField(default='UTC', help_text='IANA time zone', max_length=64)),
                ('announced', models.BooleanField(default=True, help_text='a day ahead')),
                ('in_quiet_hours', models.BooleanField(default=False)),
                ('answer_within', models.PositiveIntegerField(default=900, help_text='seconds')),
                ('enabled', models.BooleanField(default=True)),
                ('planned_at', models.DateTimeField(help_text='of the next drill', null=True)),
                ('due_at', models.DateTimeField(help_text='of the next step: its announcement, or the drill', null=True)),
                ('created_by', models.CharField(max_length=80)),
                ('calendar', models.ForeignKey(blank=True, help_text='only on its open days', null=True, on_delete=django.db.models.deletion.PROTECT, to='calendars.calendar')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drill_plans', to='people.team')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='escalation_drill_window'), models.CheckConstraint(condition=models.Q(('enabled', True), ('due_at__isnull', True), _connector='OR'), name='escalation_drill_off_not_due')],
            },
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('type', models.CharField(choices=[('technical', 'Technical'), ('customer', 'Customer'), ('internal', 'Internal')], max_length=10)),
                ('reason', models.CharField(choices=[('complexity', 'Complexity'), ('missing_expertise', 'Missing expertise'), ('expectation_missed', 'Expectation missed'), ('sla_at_risk', 'SLA at risk'), ('sla_breached', 'SLA breached'), ('capacity_or_policy', 'Capacity or policy'), ('other', 'Other')], max_length=20)),
                ('reason_text', models.CharField(blank=True, default='', max_length=500)),
                ('direction', models.CharField(choices=[('functional', 'Functional'), ('hierarchical', 'Hierarchical')], max_length=12)),
                ('trigger', models.CharField(blank=True, default='', help_text='key of the trigger that fired', max_length=80)),
                ('tried', models.TextField(blank=True, default='')),
                ('impact', models.TextField(blank=True, default='')),
                ('wanted', models.TextField(blank=True, default='')),
                ('state', models.CharField(choices=[('open', 'Open'), ('resolved', 'Resolved'), ('cancelled', 'Cancelled'), ('expired', 'Expired'), ('de_escalated', 'De-escalated'), ('refused', 'Approval refused')], default='open', max_length=12)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.CharField(max_length=80)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.TextField(blank=True, default='')),
                ('reassigned_at', models.DateTimeField(blank=True, help_text='set while the policy asks what to do', null=True)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='escalation.escalation')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='escalations', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', '-opened_at'], name='escalation_ticket'), models.Index(fields=['opened_at'], name='escalation_opened')],
            },
        ),
        migrations.CreateModel(
            name='Drill',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('person', 'A person'), ('level', 'A level'), ('policy', 'A policy'), ('reach', 'Who is on call'), ('canary', 'Canary')], max_length=8)),
                ('about', models.CharField(help_text='what was tested, in words', max_length=200)),
                ('state', models.CharField(choices=[('running', 'Running'), ('ended', 'Ended'), ('cancelled', 'Called off'), ('failed', 'Did not come through')], default='running', max_length=10)),
                ('started_at', models.DateTimeField()),
                ('started_by', models.CharField(max_length=80)),
                ('ends_at', models.DateTimeField(help_text='whoever has not answered by then is silent')),
                ('due_at', models.DateTimeField(help_text='when to look next; null: it is over', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('to_human', models.FloatField(help_text='seconds until the first person answered', null=True)),
                ('people', models.JSONField(default=list, help_text='[{id, name, by, outcome, seconds, via, tried}]')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='drills', to='people.team')),
                ('plan', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='drills', to='escalation.drillplan')),
                ('escalation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='drill', to='escalation.escalation')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='escalation_drill_due'), models.Index(fields=['kind', '-started_at'], name='escalation_drill_kind')],
            },
        ),
        migrations.CreateModel(
            name='DeEscalation',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('state', models.CharField(choices=[('offered', 'Offered'), ('accepted', 'Accepted'), ('declined', 'Declined')], default='offered', max_length=10)),
                ('offered_at', models.DateTimeField()),
                ('offered_by', models.CharField(max_length=80)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(blank=True, default='')),
                ('acceptor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('escalation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='de_escalations', to='escalation.escalation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'offered')), fields=('escalation',), name='escalation_one_offer')],
            },
        ),
        migrations.CreateModel(
            name='Maintenance',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=300)),
                ('created_by', models.CharField(max_length=80)),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='people.service')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='escalation_maintenance_order')],
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('enabled', models.BooleanField(default=True)),
                ('is_demo', models.BooleanField(default=False)),
                ('is_drill', models.BooleanField(default=False, help_text='holds the ladders of tests; never enabled, in no list')),
                ('owner', models.ForeignKey(blank=True, help_text='warned of empty levels', null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='escalation',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='escalations', to='escalation.policy'),
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('source', models.TextField(help_text='the YAML as it was written')),
                ('spec', models.JSONField(help_text='the validated content')),
                ('digest', models.CharField(help_text='SHA-256 of the canonical spec', max_length=64)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(max_length=80)),
                ('note', models.CharField(blank=True, default='', max_length=300)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='escalation.policy')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('policy', 'number'), name='escalation_version_number')],
            },
        ),
        migrations.AddField(
            model_name='policy',
            name='current',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalation.policyversion'),
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(max_length=16)),
                ('cycle', models.PositiveIntegerField(default=1)),
                ('level', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(null=True)),
                ('state', models.JSONField()),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0, help_text='poison rows back off, then alarm')),
                ('escalation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='run', to='escalation.escalation')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='tickets.ticket')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='escalation.policyversion')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='escalation_run_due'), models.Index(condition=models.Q(('status__in', ['resolved', 'cancelled', 'expired', 'de_escalated']), _negated=True), fields=['ticket'], name='escalation_run_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['resolved', 'cancelled', 'expired', 'de_escalated']), _negated=True), ('due_at__isnull', True), _connector='OR'), name='escalation_ended_has_no_due')],
            },
        ),
        migrations.CreateModel(
            name='Firing',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('cycle', models.PositiveIntegerField()),
                ('level', models.PositiveSmallIntegerField()),
                ('due_at', models.DateTimeField()),
                ('fired_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.CharField(blank=True, default='', help_text='next_level, acknowledged, ...', max_length=20)),
                ('outcome', models.CharField(help_text='paged, empty, skipped', max_length=10)),
                ('evidence', models.JSONField(default=list, help_text='[{target, people: [{id, name, by}], why}]')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='firings', to='escalation.run')),
            ],
            options={
                'indexes': [models.Index(fields=['run', 'fired_at'], name='escalation_firing_run')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('run',), name='escalation_one_open_level')],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('approved', models.BooleanField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('approvers', models.ManyToManyField(related_name='approvals_asked', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='approval', to='escalation.run')),
            ],
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('catch_all', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='escalation_one_setting')],
            },
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cycle', models.PositiveIntegerField()),
                ('level', models.PositiveSmallIntegerField()),
                ('person', models.UUIDField()),
                ('given_at', models.DateTimeField()),
                ('robin', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='escalation.roundrobin')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='escalation.run')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('robin', 'run', 'cycle', 'level'), name='escalation_turn_once')],
            },
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('trigger', models.CharField(max_length=80)),
                ('due_at', models.DateTimeField(null=True)),
                ('fired_at', models.DateTimeField(null=True)),
                ('fired_cycle', models.PositiveIntegerField(null=True)),
                ('fired_mark', models.FloatField(help_text='seconds of consumption (or waiting) at which it fired', null=True)),
                ('fired_anchor', models.DateTimeField(help_text='what it was counted from when it fired', null=True)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to='escalation.policy')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='escalation_watch_due')],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'policy', 'trigger'), name='escalation_watch_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('ticket', 'policy'), name='escalation_one_open_per_policy'),
        ),
    ]
