import django.db.models.deletion
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('escalation', '0002_guards'),
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('tickets', '0002_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('type', models.CharField(choices=[('technical', 'Technical'), ('customer', 'Customer'), ('internal', 'Internal')], max_length=10, unique=True)),
                ('enabled', models.BooleanField(default=True)),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('audience', models.CharField(choices=[('executives', 'Executives'), ('customer', 'Customer'), ('stakeholders', 'Stakeholders'), ('team', 'Team')], max_length=12)),
                ('is_demo', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='FeedKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Communication',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('running', 'Running'), ('closing', 'Closing update due'), ('ended', 'Ended')], default='running', max_length=8)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('escalation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='communication', to='escalation.escalation')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='communications', to='tickets.ticket')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stakeholders.plan')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'ended'), _negated=True), fields=['ticket'], name='stakeholders_com_open')],
            },
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('what', models.CharField(max_length=300)),
                ('to_kind', models.CharField(choices=[('customer', 'The customer'), ('internal', 'A colleague')], default='customer', max_length=10)),
                ('source', models.CharField(choices=[('composer', 'In a reply'), ('hand', 'By hand'), ('plan', 'Communication plan'), ('recovery', 'Recovery'), ('call', 'In a call')], default='hand', max_length=10)),
                ('said', models.CharField(blank=True, default='', help_text='as it was worded: by end of business', max_length=120)),
                ('zone', models.CharField(default='UTC', help_text='IANA zone in which it was given', max_length=64)),
                ('state', models.CharField(choices=[('open', 'Open'), ('kept', 'Kept'), ('broken', 'Broken'), ('renegotiated', 'Renegotiated'), ('cancelled', 'Cancelled')], default='open', max_length=12)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(help_text="the journal's word for who wrote it down", max_length=80)),
                ('due_at', models.DateTimeField()),
                ('remind_at', models.DateTimeField(help_text='null: too near to be reminded of', null=True)),
                ('next_at', models.DateTimeField(help_text='when the engine looks at it; null: no more', null=True)),
                ('settled_at', models.DateTimeField(help_text='when it left open; a broken one: when it was due', null=True)),
                ('settled_by', models.CharField(blank=True, default='', max_length=80)),
                ('reason', models.CharField(blank=True, default='', help_text='why cancelled or renegotiated', max_length=500)),
                ('done_at', models.DateTimeField(help_text='of a broken one: done all the same, late', null=True)),
                ('is_demo', models.BooleanField(default=False)),
                ('by', models.ForeignKey(help_text='who keeps it', on_delete=django.db.models.deletion.PROTECT, related_name='promises', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(help_text='that made it', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tickets.message')),
                ('organisation', models.ForeignKey(help_text='customer', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('renegotiates', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='renegotiated_as', to='stakeholders.promise')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='promises', to='tickets.ticket')),
                ('to_person', models.ForeignKey(help_text='null: the organisation', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='stakeholders_promise_due'), models.Index(fields=['ticket', 'due_at'], name='stakeholders_promise_ticket'), models.Index(fields=['by', 'state', 'due_at'], name='stakeholders_promise_by'), models.Index(fields=['organisation', 'due_at'], name='stakeholders_promise_org'), models.Index(condition=models.Q(('state', 'open')), fields=['due_at'], name='stakeholders_promise_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='stakeholders_promise_settled'), models.CheckConstraint(condition=models.Q(models.Q(('next_at__isnull', False), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('next_at__isnull', True)), _connector='OR'), name='stakeholders_promise_next')],
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('ways', models.JSONField(default=list, help_text='mail, chat, push, feed')),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=80)),
                ('ended_at', models.DateTimeField(help_text='when it was given up; null: it stands', null=True)),
                ('is_demo', models.BooleanField(default=False)),
                ('escalation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='escalation.escalation')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.organisation')),
                ('service', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.service')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['escalation'], name='stakeholders_sub_escalation'), models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['service'], name='stakeholders_sub_service'), models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['organisation'], name='stakeholders_sub_org')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('escalation__isnull', False), ('organisation__isnull', True), ('service__isnull', True)), models.Q(('escalation__isnull', True), ('organisation__isnull', True), ('service__isnull', False)), models.Q(('escalation__isnull', True), ('organisation__isnull', False), ('service__isnull', True)), _connector='OR'), name='stakeholders_subscription_one_thing'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('user', 'escalation', 'service', 'organisation'), name='stakeholders_subscription_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='PlanAudience',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('audience', models.CharField(choices=[('executives', 'Executives'), ('customer', 'Customer'), ('stakeholders', 'Stakeholders'), ('team', 'Team')], max_length=12)),
                ('ways', models.JSONField(default=list, help_text='Way values')),
                ('cadence', models.JSONField(default=dict)),
                ('speaker', models.CharField(choices=[('owner', 'Owner of the ticket'), ('escalation_manager', 'Escalation manager of the team'), ('team_lead', 'Lead of the team'), ('account_manager', 'Account manager of the customer')], default='owner', max_length=20)),
                ('people', models.ManyToManyField(blank=True, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='audiences', to='stakeholders.plan')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stakeholders.template')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'audience'), name='stakeholders_audience_once')],
            },
        ),
        migrations.CreateModel(
            name='TemplateVersion',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=80)),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='stakeholders.template')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('template', 'number'), name='stakeholders_template_number')],
            },
        ),
        migrations.AddField(
            model_name='template',
            name='current',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stakeholders.templateversion'),
        ),
        migrations.CreateModel(
            name='Update',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField(help_text='1, 2, 3 ... of the escalation')),
                ('at', models.DateTimeField()),
                ('outward', models.TextField(help_text="the customer's wording")),
                ('inward', models.TextField(blank=True, default='', help_text='ours; never leaves the house')),
                ('next_at', models.DateTimeField(help_text='when the next one was said to come', null=True)),
                ('closing', models.BooleanField(default=False)),
                ('audiences', models.JSONField(default=dict)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('communication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='updates', to='stakeholders.communication')),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tickets.message')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='updates', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', '-at'], name='stakeholders_update_ticket')],
                'constraints': [models.UniqueConstraint(fields=('communication', 'number'), name='stakeholders_update_number')],
            },
        ),
        migrations.CreateModel(
            name='Told',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('audience', models.CharField(choices=[('executives', 'Executives'), ('customer', 'Customer'), ('stakeholders', 'Stakeholders'), ('team', 'Team')], max_length=12)),
                ('at', models.DateTimeField()),
                ('page', models.UUIDField(help_text='in the outbox; null: by the thread or the feed', null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to=settings.AUTH_USER_MODEL)),
                ('update', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to='stakeholders.update')),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-at'], name='stakeholders_told_user')],
                'constraints': [models.UniqueConstraint(fields=('update', 'user'), name='stakeholders_told_once')],
            },
        ),
        migrations.CreateModel(
            name='UpdateClock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('audience', models.CharField(choices=[('executives', 'Executives'), ('customer', 'Customer'), ('stakeholders', 'Stakeholders'), ('team', 'Team')], max_length=12)),
                ('minutes', models.PositiveIntegerField(help_text="the cadence at the ticket's present priority")),
                ('from_at', models.DateTimeField(help_text='the start or the last update: what the cadence counts from')),
                ('due_at', models.DateTimeField(help_text='null: missed already, or the plan has ended', null=True)),
                ('promised', models.BooleanField(default=False, help_text="by an update's own word, not by the cadence")),
                ('missed_at', models.DateTimeField(help_text='since the last update; an update clears it', null=True)),
                ('misses', models.PositiveIntegerField(default=0)),
                ('communication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clocks', to='stakeholders.communication')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='stakeholders_clock_due')],
                'constraints': [models.UniqueConstraint(fields=('communication', 'audience'), name='stakeholders_clock_once')],
            },
        ),
        migrations.CreateModel(
            name='Wish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text="SHA-256 of the reply's words", max_length=64)),
                ('what', models.CharField(blank=True, default='', max_length=300)),
                ('said', models.CharField(blank=True, default='', max_length=120)),
                ('zone', models.CharField(default='UTC', max_length=64)),
                ('due_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField()),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('keeps', models.ForeignKey(help_text='null: makes one', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stakeholders.promise')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', 'author'], name='stakeholders_wish_author')],
            },
        ),
    ]
