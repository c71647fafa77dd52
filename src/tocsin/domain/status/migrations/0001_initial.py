import django.db.models.deletion
import django.db.models.functions.text
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('tickets', '0002_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountEscalation',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(help_text='shown as AE-<number>; from sequence status_account_number', unique=True)),
                ('title', models.CharField(max_length=160)),
                ('concern', models.TextField(help_text='what the customer holds against us, in their words')),
                ('plan', models.TextField(blank=True, default='', help_text='what is done, one step a line; internal')),
                ('state', models.CharField(choices=[('open', 'Open'), ('ended', 'Ended')], default='open', max_length=8)),
                ('offered_at', models.DateTimeField(null=True)),
                ('target_at', models.DateTimeField(help_text='when it is to be put right')),
                ('target_missed_at', models.DateTimeField(null=True)),
                ('update_hours', models.PositiveSmallIntegerField(default=24, help_text='how often the customer is told')),
                ('next_update_at', models.DateTimeField(help_text='the next word is promised by then')),
                ('update_missed_at', models.DateTimeField(help_text='since then a word is overdue', null=True)),
                ('due_at', models.DateTimeField(help_text='when to look next; null: it has ended, or all is overdue', null=True)),
                ('opened_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('recovered', 'The customer is content again'), ('partly', 'Partly put right'), ('not', 'Not put right'), ('withdrawn', 'The customer took it back')], default='', max_length=10)),
                ('outcome_text', models.TextField(blank=True, default='')),
                ('is_demo', models.BooleanField(default=False)),
                ('offered_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts_offered', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='account_escalations', to='people.organisation')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts_owned', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='status_account_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('organisation',), name='status_one_open_account_escalation'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'open')), models.Q(('due_at__isnull', True), ('ended_at__isnull', False), ('state', 'ended'), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='status_account_ended_whole')],
            },
        ),
        migrations.CreateModel(
            name='AccountTicket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('in', 'In'), ('out', 'Taken out')], default='in', max_length=4)),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('escalation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='held', to='status.accountescalation')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_escalations', to='tickets.ticket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('escalation', 'ticket'), name='status_account_ticket_once')],
            },
        ),
        migrations.CreateModel(
            name='AccountUpdate',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('body', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('escalation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='updates', to='status.accountescalation')),
            ],
            options={
                'indexes': [models.Index(fields=['escalation', 'at'], name='status_account_update_at')],
            },
        ),
        migrations.CreateModel(
            name='Component',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('group', models.CharField(blank=True, default='', max_length=80)),
                ('name', models.CharField(max_length=80)),
                ('description', models.CharField(blank=True, default='', max_length=200)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('own_state', models.CharField(choices=[('operational', 'Operational'), ('maintenance', 'Under maintenance'), ('degraded', 'Degraded'), ('partial', 'Partial outage'), ('major', 'Major outage')], default='operational', max_length=12)),
                ('state', models.CharField(choices=[('operational', 'Operational'), ('maintenance', 'Under maintenance'), ('degraded', 'Degraded'), ('partial', 'Partial outage'), ('major', 'Major outage')], default='operational', max_length=12)),
                ('made_at', models.DateTimeField(help_text='its history begins then')),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.service')),
            ],
            options={
                'ordering': ['group', 'position', 'name'],
            },
        ),
        migrations.CreateModel(
            name='ComponentChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('state', models.CharField(choices=[('operational', 'Operational'), ('maintenance', 'Under maintenance'), ('degraded', 'Degraded'), ('partial', 'Partial outage'), ('major', 'Major outage')], max_length=12)),
                ('component', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='status.component')),
            ],
            options={
                'indexes': [models.Index(fields=['component', 'at', 'id'], name='status_change_at')],
            },
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('incident', 'Incident'), ('maintenance', 'Scheduled maintenance')], default='incident', max_length=12)),
                ('title', models.CharField(max_length=160)),
                ('state', models.CharField(choices=[('investigating', 'Investigating'), ('identified', 'Identified'), ('monitoring', 'Monitoring'), ('resolved', 'Resolved'), ('scheduled', 'Scheduled'), ('under_way', 'Under way'), ('completed', 'Completed'), ('cancelled', 'Called off')], max_length=14)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(help_text='when it ended; of a maintenance before that: is planned to', null=True)),
                ('due_at', models.DateTimeField(help_text='of a maintenance: its next switch', null=True)),
                ('made_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='status_incident_due'), models.Index(condition=models.Q(('ticket__isnull', False)), fields=['ticket'], name='status_incident_ticket')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind', 'incident'), ('ends_at__isnull', False), _connector='OR'), name='status_maintenance_has_end'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gte', models.F('starts_at')), _connector='OR'), name='status_ends_after_start'), models.CheckConstraint(condition=models.Q(('state__in', ['scheduled', 'under_way']), ('due_at__isnull', True), _connector='OR'), name='status_due_while_planned')],
            },
        ),
        migrations.CreateModel(
            name='Affected',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('operational', 'Operational'), ('maintenance', 'Under maintenance'), ('degraded', 'Degraded'), ('partial', 'Partial outage'), ('major', 'Major outage')], max_length=12)),
                ('component', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='affected', to='status.component')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='affected', to='status.incident')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('incident', 'component'), name='status_affected_once')],
            },
        ),
        migrations.CreateModel(
            name='StatusPage',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('intro', models.CharField(blank=True, default='', max_length=500)),
                ('audience', models.CharField(choices=[('public', 'Everybody'), ('organisation', 'One customer, signed in'), ('link', 'Whoever has its secret link')], default='public', max_length=12)),
                ('zone', models.CharField(default='UTC', help_text='IANA time zone of its times and days', max_length=64)),
                ('link_version', models.PositiveIntegerField(default=1)),
                ('made_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField(help_text='what readers see last changed then')),
                ('is_demo', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='status_pages', to='people.organisation')),
                ('owner', models.ForeignKey(help_text='answers for it; its letters are theirs', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('audience', 'organisation'), ('organisation__isnull', False)), models.Q(models.Q(('audience', 'organisation'), _negated=True), ('organisation__isnull', True)), _connector='OR'), name='status_audience_whole')],
            },
        ),
        migrations.AddField(
            model_name='incident',
            name='page',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incidents', to='status.statuspage'),
        ),
        migrations.AddField(
            model_name='component',
            name='page',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='components', to='status.statuspage'),
        ),
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('address', models.EmailField(max_length=254)),
                ('language', models.CharField(default='en', max_length=8)),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('confirmed', 'Confirmed'), ('left', 'Left')], default='asked', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('left_at', models.DateTimeField(null=True)),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subscribers', to='status.statuspage')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'confirmed')), fields=['page'], name='status_subscriber_told')],
                'constraints': [models.UniqueConstraint(models.F('page'), django.db.models.functions.text.Lower('address'), name='status_subscriber_once')],
            },
        ),
        migrations.CreateModel(
            name='Update',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('investigating', 'Investigating'), ('identified', 'Identified'), ('monitoring', 'Monitoring'), ('resolved', 'Resolved'), ('scheduled', 'Scheduled'), ('under_way', 'Under way'), ('completed', 'Completed'), ('cancelled', 'Called off')], max_length=14)),
                ('body', models.TextField()),
                ('at', models.DateTimeField()),
                ('mailed', models.PositiveIntegerField(default=0, help_text='subscribers written to')),
                ('by', models.ForeignKey(help_text='null: a switch of a maintenance', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='updates', to='status.incident')),
            ],
            options={
                'indexes': [models.Index(fields=['incident', 'at'], name='status_update_at')],
            },
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['page', '-starts_at'], name='status_incident_page'),
        ),
        migrations.AddConstraint(
            model_name='component',
            constraint=models.UniqueConstraint(fields=('page', 'name'), name='status_component_once'),
        ),
    ]
