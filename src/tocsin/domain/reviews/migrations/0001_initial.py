import django.db.models.deletion
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('escalation', '0002_guards'),
        ('knowledge', '0003_files'),
        ('people', '__first__'),
        ('problems', '0002_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='CauseCategory',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('retired', models.BooleanField(default=False, help_text='no longer offered; what was filed under it stays')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='reviews.causecategory')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('parent', 'name'), name='reviews_category_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='CauseNode',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('order', models.PositiveIntegerField(default=0, help_text='among its siblings')),
                ('text', models.CharField(max_length=500)),
                ('bone', models.CharField(blank=True, choices=[('people', 'People'), ('process', 'Process'), ('tools', 'Tools'), ('supplier', 'Supplier'), ('environment', 'Environment'), ('communication', 'Communication')], default='', max_length=14)),
                ('contributing', models.BooleanField(default=False, help_text='one of the causes that something is done about')),
                ('evidence', models.JSONField(default=list, help_text='[{label, url}]: where it is seen')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='reviews.causenode')),
            ],
            options={
                'ordering': ['order', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Closing',
            fields=[
                ('escalation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='closing', serialize=False, to='escalation.escalation')),
                ('ended_at', models.DateTimeField()),
                ('done', models.TextField(blank=True, default='', help_text='what was done')),
                ('avoidable_by', models.CharField(blank=True, choices=[('no', 'Nothing: it had to escalate'), ('knowledge', 'Knowledge: an article or runbook'), ('training', 'Training'), ('decision_right', 'A decision right of the front line'), ('monitoring', 'Monitoring'), ('communication', 'Communication'), ('other', 'Something else')], default='', max_length=16)),
                ('decision_missing', models.CharField(blank=True, default='', max_length=300)),
                ('article_missing', models.CharField(blank=True, default='', help_text='what should be written', max_length=300)),
                ('filled_at', models.DateTimeField(blank=True, null=True)),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='closings', to='knowledge.article')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='reviews.causecategory')),
                ('filled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('filled_at__isnull', True)), fields=['-ended_at'], name='reviews_to_close'), models.Index(fields=['filled_at'], name='reviews_closing_filled')],
                'constraints': [models.CheckConstraint(condition=models.Q(('filled_at__isnull', True), models.Q(('category__isnull', False), ('filled_by__isnull', False), models.Q(('avoidable_by', ''), _negated=True), models.Q(('done', ''), _negated=True)), _connector='OR'), name='reviews_closing_filled_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(help_text='shown as R-<number>; from sequence reviews_number', unique=True)),
                ('title', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('meeting', 'In meeting'), ('actions_open', 'Actions open'), ('signed_off', 'Signed off')], default='draft', max_length=12)),
                ('why', models.CharField(help_text="what started it: a rule's name, or who asked for it", max_length=200)),
                ('meeting_at', models.DateTimeField(blank=True, null=True)),
                ('agenda', models.TextField(blank=True, default='')),
                ('notes', models.TextField(blank=True, default='', help_text='of the meeting; Markdown')),
                ('summary', models.TextField(blank=True, default='', help_text='Markdown')),
                ('went_well', models.TextField(blank=True, default='', help_text='Markdown')),
                ('mitigated_at', models.DateTimeField(blank=True, help_text='when the harm stopped, as people state it', null=True)),
                ('version', models.PositiveIntegerField(default=1, help_text='being written, or the last one signed off')),
                ('draft_due_at', models.DateTimeField(blank=True, help_text='the engine still has to draft it', null=True)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.CharField(max_length=80)),
                ('updated_at', models.DateTimeField()),
                ('is_demo', models.BooleanField(default=False)),
                ('escalations', models.ManyToManyField(related_name='reviews', to='escalation.escalation')),
                ('facilitator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='facilitated_reviews', to=settings.AUTH_USER_MODEL)),
                ('participants', models.ManyToManyField(blank=True, related_name='reviews', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['state', '-updated_at'], name='reviews_state'), models.Index(condition=models.Q(('draft_due_at__isnull', False)), fields=['draft_due_at'], name='reviews_draft_due')],
            },
        ),
        migrations.CreateModel(
            name='Moment',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('stream', models.CharField(blank=True, default='', max_length=80)),
                ('position', models.BigIntegerField(default=0)),
                ('at', models.DateTimeField()),
                ('text', models.CharField(max_length=500)),
                ('picked', models.BooleanField(default=True)),
                ('internal', models.BooleanField(default=True, help_text='left out of what customers get')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moments', to='reviews.review')),
            ],
            options={
                'ordering': ['at', 'position', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('position__gt', 0)), fields=('review', 'stream', 'position'), name='reviews_moment_once')],
            },
        ),
        migrations.CreateModel(
            name='CorrectiveAction',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('prevent', 'Prevent'), ('detect', 'Detect sooner'), ('respond', 'Respond better')], max_length=8)),
                ('effort', models.CharField(choices=[('small', 'Small: hours'), ('medium', 'Medium: days'), ('large', 'Large: weeks')], default='medium', max_length=6)),
                ('due_on', models.DateField(help_text='the last day on which it is in time, where its owner is')),
                ('tracker_url', models.URLField(blank=True, default='', max_length=500)),
                ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('dropped', 'Dropped')], default='open', max_length=8)),
                ('evidence', models.TextField(blank=True, default='', help_text='of a done one: what shows it; of a dropped one: why')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('stage', models.PositiveSmallIntegerField(default=0, help_text='how many steps of logic.overdue were taken')),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='actions', to='knowledge.article')),
                ('cause', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='actions', to='reviews.causenode')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('measure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='actions', to='problems.measure')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrective_actions', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='actions', to='reviews.review')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='reviews_action_due'), models.Index(fields=['state', 'due_on'], name='reviews_action_state'), models.Index(fields=['owner', 'state'], name='reviews_action_owner')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('ended_at__isnull', False), ('next_at__isnull', True), models.Q(('evidence', ''), _negated=True)), _connector='OR'), name='reviews_action_ended_is_whole')],
            },
        ),
        migrations.AddField(
            model_name='causenode',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='causes', to='reviews.review'),
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('remind_days', models.PositiveSmallIntegerField(default=3, help_text="before an action's day its owner is reminded")),
                ('lead_days', models.PositiveSmallIntegerField(default=3, help_text="after it the owner's lead is told")),
                ('manager_days', models.PositiveSmallIntegerField(default=7, help_text='after it the escalation manager is told')),
                ('policy', models.SlugField(blank=True, default='', help_text='climbed at last; empty: nobody is paged', max_length=80)),
                ('link_days', models.PositiveSmallIntegerField(default=30, help_text='for which a shared link works')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='reviews_one_setting')],
            },
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('parts', models.JSONField(help_text='names of logic.redaction.PARTS')),
                ('document', models.JSONField(help_text='redacted by logic.redaction; all that the link can show')),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='reviews.review')),
            ],
        ),
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('word', models.CharField(blank=True, default='', max_length=500)),
                ('document', models.JSONField(help_text='logic.document')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_offs', to='reviews.review')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('review', 'version'), name='reviews_signed_once')],
            },
        ),
        migrations.CreateModel(
            name='StartRule',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('types', models.JSONField(default=list, help_text='of escalations; empty: any')),
                ('least_severity', models.PositiveSmallIntegerField(default=4, help_text='1: Sev1 only, 4: any')),
                ('share', models.PositiveSmallIntegerField(default=100, help_text='of those that match, in per cent')),
                ('rating_at_most', models.PositiveSmallIntegerField(blank=True, help_text='begins when the customer gives no more than this, not at the end', null=True)),
                ('enabled', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('least_severity__gte', 1), ('least_severity__lte', 4), ('share__lte', 100)), name='reviews_rule_in_range')],
            },
        ),
    ]
