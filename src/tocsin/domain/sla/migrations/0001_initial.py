import django.db.models.deletion
import django.db.models.functions.comparison
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('calendars', '0001_initial'),
        ('people', '0001_initial'),
        ('tickets', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('pause_statuses', models.JSONField(default=list, help_text='ticket statuses that pause every clock')),
                ('on_change', models.CharField(choices=[('keep', 'Keep consumed time'), ('restart', 'Restart')], default='keep', max_length=10)),
                ('is_demo', models.BooleanField(default=False)),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='calendars.calendar')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='people.organisation')),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='people.service')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'service'), name='sla_agreement_scope', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('first_response', 'First response'), ('next_response', 'Next response'), ('next_update', 'Next update'), ('resolution', 'Resolution'), ('internal', 'Internal (OLA)')], max_length=16)),
                ('sequence', models.PositiveIntegerField(default=1, help_text='periodic clocks: the nth arming')),
                ('priority', models.SmallIntegerField(choices=[(1, 'Critical'), (2, 'High'), (3, 'Moderate'), (4, 'Low')])),
                ('target_seconds', models.PositiveIntegerField(help_text='business seconds promised')),
                ('agreed_due_at', models.DateTimeField(blank=True, help_text='manually agreed; sticks until cleared', null=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('paused', 'Paused'), ('met', 'Met'), ('breached', 'Breached'), ('cancelled', 'Cancelled')], default='waiting', max_length=10)),
                ('started_at', models.DateTimeField(null=True)),
                ('running_since', models.DateTimeField(null=True)),
                ('consumed_seconds', models.FloatField(default=0, help_text='business seconds up to running_since or the stop')),
                ('elapsed_seconds', models.FloatField(default=0, help_text='wall seconds up to running_since or the stop')),
                ('due_at', models.DateTimeField(help_text='breach instant while running unbreached', null=True)),
                ('breached_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(help_text='met, or answered after the breach, or cancelled', null=True)),
                ('trace', models.JSONField(default=list, help_text='every start, pause, resume ... with cause and amounts')),
                ('agreement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='sla.agreement')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='calendars.calendar')),
                ('team', models.ForeignKey(blank=True, help_text='internal targets only', null=True, on_delete=django.db.models.deletion.CASCADE, to='people.team')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clocks', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='sla_clock_due'), models.Index(django.db.models.functions.comparison.Coalesce('breached_at', 'due_at'), condition=models.Q(('stopped_at__isnull', True), models.Q(('breached_at__isnull', False), ('due_at__isnull', False), _connector='OR')), name='sla_clock_next_breach')],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'kind', 'team', 'sequence'), name='sla_clock_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('first_response', 'First response'), ('next_response', 'Next response'), ('next_update', 'Next update'), ('resolution', 'Resolution'), ('internal', 'Internal (OLA)')], max_length=16)),
                ('priority', models.SmallIntegerField(choices=[(1, 'Critical'), (2, 'High'), (3, 'Moderate'), (4, 'Low')])),
                ('seconds', models.PositiveIntegerField()),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='sla.agreement')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='people.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('agreement', 'kind', 'priority', 'team'), name='sla_target_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('seconds__gt', 0)), name='sla_target_positive')],
            },
        ),
        migrations.CreateModel(
            name='AgreedDate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('first_response', 'First response'), ('next_response', 'Next response'), ('next_update', 'Next update'), ('resolution', 'Resolution'), ('internal', 'Internal (OLA)')], max_length=16)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=80)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agreed_dates', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', 'at'], name='sla_agreed_ticket')],
            },
        ),
    ]
