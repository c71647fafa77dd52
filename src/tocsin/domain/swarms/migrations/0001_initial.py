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
            name='Command',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('investigating', 'Investigating'), ('identified', 'Identified'), ('mitigated', 'Mitigated'), ('resolved', 'Resolved')], default='investigating', max_length=16)),
                ('state_at', models.DateTimeField()),
                ('known', models.CharField(blank=True, default='', help_text='what is known now, in one sentence', max_length=500)),
                ('call_url', models.CharField(blank=True, default='', max_length=500)),
                ('chat_url', models.CharField(blank=True, default='', max_length=500)),
                ('next_update_at', models.DateTimeField(blank=True, help_text='when the next word to everybody is due', null=True)),
                ('opened_at', models.DateTimeField()),
                ('escalation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='command', to='escalation.escalation')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Swarm',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('question', models.CharField(max_length=500)),
                ('context', models.TextField(blank=True, default='', help_text='what an expert must know to begin')),
                ('urgency', models.CharField(choices=[('normal', 'Normal'), ('high', 'High')], default='high', max_length=8)),
                ('state', models.CharField(choices=[('open', 'Open'), ('ended', 'Ended')], default='open', max_length=8)),
                ('opened_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.TextField(blank=True, default='')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='swarms', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', '-opened_at'], name='swarms_ticket')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('ticket',), name='swarms_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'open')), models.Q(('ended_at__isnull', False), ('state', 'ended')), _connector='OR'), name='swarms_ended_whole')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('through', models.CharField(choices=[('person', 'by name'), ('team', 'for a team'), ('skill', 'for a skill'), ('own', 'of their own accord')], max_length=8)),
                ('why', models.CharField(help_text='the evidence in words: on call for ..., knows ...', max_length=300)),
                ('state', models.CharField(choices=[('invited', 'Asked'), ('accepted', 'Helps'), ('declined', 'Declined'), ('expired', 'Did not answer'), ('withdrawn', 'Not needed any more'), ('left', 'Has left')], default='invited', max_length=10)),
                ('invited_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='expires_at while it waits for an answer', null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, default='', help_text='why declined', max_length=300)),
                ('joined_at', models.DateTimeField(blank=True, null=True)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('page', models.UUIDField(help_text='by which they were told', null=True)),
                ('notes', models.PositiveIntegerField(default=0)),
                ('steps', models.PositiveIntegerField(default=0)),
                ('decisions', models.PositiveIntegerField(default=0)),
                ('answers', models.PositiveIntegerField(default=0)),
                ('minutes', models.PositiveIntegerField(default=0)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='swarm_invitations', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team')),
                ('swarm', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='swarms.swarm')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='swarms_invitation_due'), models.Index(fields=['person', 'state'], name='swarms_invitation_person')],
                'constraints': [models.UniqueConstraint(fields=('swarm', 'person'), name='swarms_asked_once'), models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('state', 'invited')), models.Q(models.Q(('state', 'invited'), _negated=True), ('due_at', None)), _connector='OR'), name='swarms_waiting_has_due'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'left']), _negated=True), ('joined_at__isnull', False), _connector='OR'), name='swarms_joined_when')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('helped', models.BooleanField(default=False, help_text='said so when the swarm ended')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.message')),
                ('swarm', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='swarms.swarm')),
            ],
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('notice_due_at', models.DateTimeField(help_text='when somebody is told next that it is overdue', null=True)),
                ('notices', models.PositiveSmallIntegerField(default=0, help_text='overdue notices sent so far')),
                ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('dropped', 'Dropped')], default='open', max_length=8)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('command', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='swarms.command')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('notice_due_at__isnull', False)), fields=['notice_due_at'], name='swarms_task_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'open'), ('notice_due_at', None), _connector='OR'), name='swarms_ended_task_not_due')],
            },
        ),
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('communicator', 'Communicator'), ('scribe', 'Scribe'), ('expert', 'Expert')], max_length=14)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('command', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holdings', to='swarms.command')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None), models.Q(('role', 'expert'), _negated=True)), fields=('command', 'role'), name='swarms_one_holder'), models.UniqueConstraint(condition=models.Q(('until', None)), fields=('command', 'role', 'person'), name='swarms_holds_once')],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('pin', 'Pinned event'), ('fact', 'Fact'), ('decision', 'Decision')], max_length=10)),
                ('position', models.BigIntegerField(help_text="of the pinned event in the ticket's journal", null=True)),
                ('text', models.CharField(blank=True, default='', help_text='of what was typed', max_length=1000)),
                ('at', models.DateTimeField(help_text='when it happened')),
                ('noted_at', models.DateTimeField()),
                ('taken_off_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('command', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='swarms.command')),
            ],
            options={
                'indexes': [models.Index(fields=['command', '-at'], name='swarms_note_at')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'pin'), ('taken_off_at', None)), fields=('command', 'position'), name='swarms_pinned_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'pin'), ('position__isnull', False)), models.Q(models.Q(('kind', 'pin'), _negated=True), ('position', None)), _connector='OR'), name='swarms_note_whole')],
            },
        ),
    ]
