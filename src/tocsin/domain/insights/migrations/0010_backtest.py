import django.db.models.deletion
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    dependencies = [
        ('escalation', '0002_guards'),
        ('insights', '0001_metrics'),
        ('people', '__first__'),
        ('tickets', '0002_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='BackTest',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('compare', 'Comparison'), ('sweep', 'Threshold')], default='compare', max_length=8)),
                ('variants', models.JSONField()),
                ('children', models.JSONField(default=list, help_text='specs of the policies that a level calls')),
                ('trigger', models.CharField(blank=True, default='', help_text='sweep: key of the trigger', max_length=80)),
                ('starts_at', models.DateTimeField(help_text='tickets opened from here on')),
                ('ends_at', models.DateTimeField(help_text='and before; the history is known up to here')),
                ('answers', models.CharField(choices=[('work', 'The first work after a page answers it'), ('recorded', 'Only what people answered at the time'), ('nobody', 'Nobody answers')], default='work', max_length=8)),
                ('whose', models.CharField(choices=[('own', 'Tickets worked on here'), ('imported', 'Imported tickets'), ('all', 'All tickets')], default='own', max_length=8)),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled'), ('failed', 'Failed')], default='running', max_length=10)),
                ('tickets', models.PositiveIntegerField(default=0, help_text='how many are looked at')),
                ('found', models.JSONField(default=dict, help_text='the merged tally')),
                ('error', models.CharField(blank=True, default='', max_length=300)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('is_demo', models.BooleanField(default=False)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='back_tests', to='escalation.policy')),
            ],
            options={
                'indexes': [models.Index(fields=['policy', '-created_at'], name='insights_backtest_policy')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='insights_backtest_period')],
            },
        ),
        migrations.CreateModel(
            name='BackTestChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
                ('tally', models.JSONField(help_text='null: not done yet', null=True)),
                ('begun_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('backtest', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='insights.backtest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('backtest', 'number'), name='insights_chunk_once')],
            },
        ),
        migrations.CreateModel(
            name='BackTestTicket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField()),
                ('change', models.CharField(help_text='added, avoided, changed, same', max_length=10)),
                ('added', models.PositiveIntegerField(default=0, help_text='pages that only the second sends')),
                ('avoided', models.PositiveIntegerField(default=0, help_text='pages that only the first sends')),
                ('ended', models.CharField(help_text='well, badly, open', max_length=6)),
                ('people', models.JSONField(default=list, help_text='ids of who is paged differently')),
                ('detail', models.JSONField()),
                ('backtest', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='insights.backtest')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['backtest', 'change', '-number'], name='insights_backtest_rows')],
                'constraints': [models.UniqueConstraint(fields=('backtest', 'ticket'), name='insights_backtest_ticket_once')],
            },
        ),
        migrations.CreateModel(
            name='Shadow',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('source', models.TextField(help_text='the draft as it was written')),
                ('spec', models.JSONField(help_text='its validated content')),
                ('started_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
                ('report_due_at', models.DateTimeField(help_text='null: stopped', null=True)),
                ('is_demo', models.BooleanField(default=False)),
                ('owner', models.ForeignKey(help_text='gets the report', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shadows', to='escalation.policy')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('report_due_at__isnull', False)), fields=['report_due_at'], name='insights_shadow_report')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stopped_at__isnull', True)), fields=('policy',), name='insights_one_shadow')],
            },
        ),
        migrations.CreateModel(
            name='ShadowLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(help_text='null: nothing comes unless the ticket changes', null=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('change', models.CharField(blank=True, default='', help_text='as of a back-test; empty: nothing fired', max_length=10)),
                ('first_at', models.DateTimeField(help_text='of the first page of either', null=True)),
                ('detail', models.JSONField(default=dict)),
                ('shadow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='looks', to='insights.shadow')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='insights_look_due'), models.Index(fields=['shadow', '-first_at'], name='insights_look_found')],
                'constraints': [models.UniqueConstraint(fields=('shadow', 'ticket'), name='insights_look_once')],
            },
        ),
        migrations.CreateModel(
            name='ShadowReport',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('figures', models.JSONField()),
                ('shadow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='insights.shadow')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shadow', 'ends_at'), name='insights_report_once')],
            },
        ),
    ]
