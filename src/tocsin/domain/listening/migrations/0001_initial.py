import django.db.models.deletion
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('people', '__first__'),
        ('tickets', '0002_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='ListeningRecord',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('noted', 'Written down'), ('waiting', 'Waits for the customer'), ('confirmed', 'Confirmed'), ('corrected', 'Not quite')], default='noted', max_length=10)),
                ('version', models.IntegerField(default=1)),
                ('impact', models.TextField(blank=True, default='', help_text='what it does to their business')),
                ('wanted', models.TextField(blank=True, default='', help_text='the outcome they want')),
                ('made_at', models.DateTimeField()),
                ('played_back_at', models.DateTimeField(blank=True, null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_via', models.CharField(blank=True, choices=[('link', 'By the link in the mail'), ('portal', 'In the portal'), ('reply', 'By a reply'), ('call', 'On the phone')], default='', max_length=10)),
                ('answer', models.TextField(blank=True, default='', help_text='what the customer said about it')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('played_back_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='listening', to='tickets.ticket')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['confirmed', 'corrected']), _negated=True), ('answered_at__isnull', False), _connector='OR'), name='listening_answer_whole'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'waiting'), _negated=True), ('played_back_at__isnull', False), _connector='OR'), name='listening_waits_for_playback')],
            },
        ),
        migrations.CreateModel(
            name='Concern',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.IntegerField()),
                ('words', models.CharField(max_length=500)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('answered_by_message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tickets.message')),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tickets.message')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='concerns', to='listening.listeningrecord')),
            ],
            options={
                'indexes': [models.Index(fields=['record', 'position'], name='listening_concern_order')],
            },
        ),
        migrations.CreateModel(
            name='Mood',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('feeling', models.SmallIntegerField(choices=[(1, 'Furious'), (2, 'Upset'), (3, 'Worried'), (4, 'Calm'), (5, 'Content')])),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moods', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', 'at'], name='listening_mood_at')],
            },
        ),
        migrations.CreateModel(
            name='RecordVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('concerns', models.JSONField(default=list, help_text='[{words, message}] in order')),
                ('impact', models.TextField(blank=True, default='')),
                ('wanted', models.TextField(blank=True, default='')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='listening.listeningrecord')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('record', 'number'), name='listening_version_once')],
            },
        ),
        migrations.CreateModel(
            name='RuleBook',
            fields=[
                ('number', models.IntegerField(primary_key=True, serialize=False)),
                ('off', models.JSONField(default=list, help_text='keys of shipped rules that are switched off')),
                ('own', models.JSONField(default=list, help_text='[{key, language, kind, pattern, why, better}]')),
                ('word', models.CharField(help_text='what was changed', max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Signal',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('degree', models.SmallIntegerField(default=0, help_text='displeasure: 0 none, 1 mild, 2 strong, 3 severe')),
                ('urgency', models.SmallIntegerField(default=0, help_text='the same for urgency')),
                ('tone', models.FloatField(default=0)),
                ('language', models.CharField(blank=True, default='', max_length=8)),
                ('evidence', models.JSONField(default=list, help_text='[{key, kind, words, start, end, tone, urgency}]')),
                ('judged', models.CharField(blank=True, choices=[('right', 'Right'), ('too_strong', 'Too strong'), ('wrong', 'Wrong')], default='', max_length=12)),
                ('judged_at', models.DateTimeField(blank=True, null=True)),
                ('judged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='signal', to='tickets.message')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signals', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', 'at'], name='listening_signal_ticket'), models.Index(fields=['-at'], name='listening_signal_at')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('message__isnull', True)), fields=('ticket',), name='listening_signal_of_ticket_once')],
            },
        ),
        migrations.CreateModel(
            name='WordWeight',
            fields=[
                ('key', models.CharField(max_length=250, primary_key=True, serialize=False)),
                ('words', models.CharField(blank=True, default='', help_text='as it stood in the message judged last', max_length=200)),
                ('factor', models.FloatField(default=1.0)),
                ('verdicts', models.IntegerField(default=0)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('factor__gte', 0.1), ('factor__lte', 1.5)), name='listening_factor_in_range')],
            },
        ),
        migrations.CreateModel(
            name='Assistant',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('enabled', models.BooleanField(default=False)),
                ('url', models.CharField(help_text='up to and including /v1', max_length=500)),
                ('model', models.CharField(max_length=120)),
                ('sealed_key', models.TextField(blank=True, default='')),
                ('timeout', models.IntegerField(default=30, help_text='seconds')),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='listening_one_assistant')],
            },
        ),
        migrations.CreateModel(
            name='AssistantDraft',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('wanted', models.CharField(choices=[('summary', 'Summary'), ('reply', 'Draft of a reply')], max_length=10)),
                ('text', models.TextField()),
                ('sources', models.JSONField(default=list, help_text="ids of messages; null: the ticket's own text")),
                ('model', models.CharField(max_length=120)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assistant_drafts', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', '-at'], name='listening_draft_at')],
            },
        ),
    ]
