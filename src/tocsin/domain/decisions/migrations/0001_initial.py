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
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('purpose', models.TextField(blank=True, default='', help_text='what it is for, and what to weigh')),
                ('unit', models.CharField(choices=[('none', 'Nothing: it is a yes or a no'), ('amount', 'An amount of money'), ('count', 'A number of things')], default='none', max_length=8)),
                ('unit_name', models.CharField(blank=True, default='', help_text='EUR, restarts; empty without a unit', max_length=20)),
                ('condition', models.TextField(blank=True, default='', help_text='CEL over the ticket; empty: always')),
                ('fields', models.JSONField(default=list, help_text='what must be recorded besides the reason: labels in order')),
                ('answer_within', models.PositiveIntegerField(default=240, help_text='minutes until a request for it runs out')),
                ('starts_on', models.DateField(help_text='the first day (UTC) on which it may be taken')),
                ('ends_on', models.DateField(blank=True, help_text='the last day; null: until further notice', null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('made_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('is_demo', models.BooleanField(default=False)),
                ('customers', models.ManyToManyField(blank=True, help_text='none: all of them', related_name='+', to='people.organisation')),
                ('services', models.ManyToManyField(blank=True, help_text='none: all of them', related_name='+', to='people.service')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='decisions_dates_order'), models.CheckConstraint(condition=models.Q(models.Q(('unit', 'none'), ('unit_name', '')), models.Q(models.Q(('unit', 'none'), _negated=True), models.Q(('unit_name', ''), _negated=True)), _connector='OR'), name='decisions_unit_whole')],
            },
        ),
        migrations.CreateModel(
            name='ForDecision',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ('sufficed', models.BooleanField()),
                ('right', models.CharField(blank=True, default='', help_text='their own right at that moment', max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='escalations', to='decisions.decision')),
                ('escalation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='for_decisions', to='escalation.escalation')),
                ('team', models.ForeignKey(help_text='where they worked then', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team')),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='decisions_for_at')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('holder', models.CharField(choices=[('line', 'A line'), ('role', 'A role'), ('skill', 'A skill'), ('team', 'A team')], max_length=8)),
                ('line', models.CharField(blank=True, choices=[('L1', 'First line'), ('L2', 'Second line'), ('L3', 'Third line'), ('management', 'Management')], default='', max_length=12)),
                ('role', models.CharField(blank=True, choices=[('requester', 'Requester'), ('agent', 'Agent'), ('lead', 'Team lead'), ('escalation_manager', 'Escalation manager'), ('problem_manager', 'Problem manager'), ('stakeholder', 'Stakeholder'), ('administrator', 'Administrator')], default='', max_length=20)),
                ('limit', models.DecimalField(blank=True, decimal_places=2, help_text='null: no limit', max_digits=14, null=True)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='decisions.decision')),
                ('skill', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.skill')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.team')),
            ],
            options={
                'ordering': ['position', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('holder', 'line'), ('role', ''), ('skill__isnull', True), ('team__isnull', True), models.Q(('line', ''), _negated=True)), models.Q(('holder', 'role'), ('line', ''), ('skill__isnull', True), ('team__isnull', True), models.Q(('role', ''), _negated=True)), models.Q(('holder', 'skill'), ('line', ''), ('role', ''), ('skill__isnull', False), ('team__isnull', True)), models.Q(('holder', 'team'), ('line', ''), ('role', ''), ('skill__isnull', True), ('team__isnull', False)), _connector='OR'), name='decisions_grant_whole'), models.CheckConstraint(condition=models.Q(('limit__isnull', True), ('limit__gte', 0), _connector='OR'), name='decisions_limit_positive')],
            },
        ),
        migrations.CreateModel(
            name='Lesson',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('escalation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lessons', to='escalation.escalation')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.message')),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('escalation', 'at'), name='decisions_lesson_once')],
            },
        ),
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ('reason', models.TextField()),
                ('record', models.JSONField(default=dict, help_text='{what must be recorded: what was said}')),
                ('state', models.CharField(choices=[('asked', 'Waits for an answer'), ('approved', 'Approved'), ('refused', 'Refused'), ('expired', 'Ran out unanswered'), ('withdrawn', 'Withdrawn')], default='asked', max_length=10)),
                ('as_who', models.CharField(help_text='by which right they may: names of the catalogue', max_length=300)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='when it runs out; null: it has ended', null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True, default='')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions_asked', to=settings.AUTH_USER_MODEL)),
                ('asked_of', models.ManyToManyField(related_name='decisions_to_answer', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='decisions.decision')),
                ('team', models.ForeignKey(help_text='where the asker works', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decision_requests', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='decisions_request_due'), models.Index(fields=['asked_at'], name='decisions_request_asked'), models.Index(fields=['ticket'], name='decisions_request_ticket')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('ticket', 'decision'), name='decisions_one_request'), models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('state', 'asked')), models.Q(models.Q(('state', 'asked'), _negated=True), ('due_at__isnull', True)), _connector='OR'), name='decisions_asked_is_due')],
            },
        ),
        migrations.CreateModel(
            name='Taken',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ('reason', models.TextField()),
                ('record', models.JSONField(default=dict, help_text='{what must be recorded: what was said}')),
                ('right', models.CharField(help_text='the right that allowed it, as the catalogue named it', max_length=200)),
                ('at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions_taken', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='taken', to='decisions.decision')),
                ('request', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='taken', to='decisions.request')),
                ('team', models.ForeignKey(help_text='where they worked then', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='decisions_taken_at'), models.Index(fields=['ticket', 'at'], name='decisions_taken_ticket')],
            },
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.JSONField(help_text='every word of it, grants included, by name')),
                ('at', models.DateTimeField()),
                ('word', models.CharField(blank=True, default='', help_text="what was changed, in the editor's words", max_length=200)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='decisions.decision')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('decision', 'number'), name='decisions_version_once')],
            },
        ),
    ]
