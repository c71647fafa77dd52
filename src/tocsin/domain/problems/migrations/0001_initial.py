import django.db.models.deletion
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('knowledge', '0002_number'),
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('tickets', '0002_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='Cause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('ticket', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='cause', to='tickets.ticket')),
            ],
        ),
        migrations.CreateModel(
            name='Problem',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(help_text='shown as P-<number>; from sequence problems_number', unique=True)),
                ('title', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True, default='')),
                ('state', models.CharField(choices=[('candidate', 'Candidate'), ('open', 'Open'), ('cause_known', 'Cause known'), ('workaround', 'Workaround'), ('known_error', 'Known error'), ('fix_planned', 'Fix planned'), ('fixed', 'Fixed'), ('verified', 'Verified'), ('closed', 'Closed')], default='open', max_length=12)),
                ('category', models.CharField(blank=True, default='', max_length=120)),
                ('configuration_item', models.CharField(blank=True, default='', max_length=120)),
                ('cause', models.TextField(blank=True, default='')),
                ('workaround', models.TextField(blank=True, default='', help_text='what is sent to customers; Markdown')),
                ('change', models.CharField(blank=True, default='', help_text='of the change or release that fixes it', max_length=120)),
                ('change_url', models.URLField(blank=True, default='', max_length=500)),
                ('series', models.CharField(blank=True, default='', help_text='logic.series.Key it was proposed for', max_length=400)),
                ('closed_because', models.CharField(blank=True, default='', max_length=500)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.CharField(max_length=80)),
                ('updated_at', models.DateTimeField()),
                ('fixed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('is_demo', models.BooleanField(default=False)),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='problems', to='knowledge.article')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='problems.problem')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='problems', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='problems', to='people.service')),
            ],
            options={
                'indexes': [models.Index(fields=['state', '-updated_at'], name='problems_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), ('state', 'closed'), _connector='OR'), name='problems_merged_is_closed'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='problems_closed_has_time')],
            },
        ),
        migrations.CreateModel(
            name='Measure',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('article', 'Article'), ('training', 'Training'), ('decision_right', 'Decision right'), ('policy_change', 'Policy change'), ('fix', 'Fix'), ('supplier_action', "Supplier's action")], max_length=16)),
                ('title', models.CharField(max_length=200)),
                ('starts_on', models.DateField(help_text='the first day (UTC) on which it can show')),
                ('series', models.CharField(help_text='logic.series.Key that it should lower', max_length=400)),
                ('names', models.JSONField(default=list, help_text="of the key's values, for people")),
                ('expected', models.FloatField(help_text='share by which it should lower the rate, 0 to 1')),
                ('horizon', models.PositiveSmallIntegerField(default=8, help_text='weeks after which it is judged')),
                ('made_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('verdict', models.CharField(choices=[('too_early', 'Too early'), ('worked', 'Worked'), ('no_effect', 'No effect seen'), ('worse', 'Worse')], default='too_early', max_length=10)),
                ('judged_on', models.DateField(help_text='last', null=True)),
                ('sentence', models.CharField(blank=True, default='', max_length=400)),
                ('figures', models.JSONField(default=dict, help_text='fields of logic.effect.Effect, as last judged')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('problem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='measures', to='problems.problem')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('expected__gt', 0), ('expected__lte', 1)), name='problems_measure_expected')],
            },
        ),
        migrations.CreateModel(
            name='Hypothesis',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('text', models.CharField(max_length=500)),
                ('state', models.CharField(choices=[('open', 'To be tested'), ('confirmed', 'Confirmed'), ('rejected', 'Rejected')], default='open', max_length=10)),
                ('test', models.CharField(blank=True, default='', help_text='how it was tested and what was seen', max_length=500)),
                ('at', models.DateTimeField()),
                ('judged_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('judged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('problem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hypotheses', to='problems.problem')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'open'), ('judged_at__isnull', False), _connector='OR'), name='problems_hypothesis_judged')],
            },
        ),
        migrations.CreateModel(
            name='Affected',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=80)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='tickets.ticket')),
                ('problem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='affected', to='problems.problem')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('problem', 'ticket'), name='problems_affected_once')],
            },
        ),
        migrations.CreateModel(
            name='Progress',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('counted_until', models.DateTimeField(help_text='changes of tickets are counted up to here', null=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('series', models.PositiveIntegerField(default=0)),
                ('weeks', models.PositiveIntegerField(default=0, help_text='of history')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='problems_one_progress')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('series', models.CharField(help_text='logic.series.Key', max_length=400)),
                ('names', models.JSONField(default=list, help_text="of the key's values, for people")),
                ('sentence', models.CharField(max_length=600)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('accepted', 'Accepted'), ('merged', 'Merged'), ('rejected', 'Rejected'), ('lapsed', 'Lapsed')], default='proposed', max_length=10)),
                ('found_at', models.DateTimeField()),
                ('looked_at', models.DateTimeField()),
                ('last_day', models.DateField(help_text='of the window')),
                ('weeks', models.PositiveSmallIntegerField(help_text='of the window')),
                ('recent', models.PositiveIntegerField()),
                ('usual', models.FloatField(help_text='a week')),
                ('ratio', models.FloatField()),
                ('p', models.FloatField()),
                ('adjusted', models.FloatField(help_text='for all series (Benjamini-Yekutieli)')),
                ('scatter', models.FloatField()),
                ('changed_on', models.DateField(null=True)),
                ('also', models.JSONField(default=list, help_text='the same repeat from other sides, in words')),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('factor', models.FloatField(default=1.5, help_text='rejected: proposed again when the rate is so many times as high')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('problem', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='proposals', to='problems.problem')),
                ('tickets', models.ManyToManyField(related_name='+', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'p'], name='problems_proposal_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('series',), name='problems_proposal_once')],
            },
        ),
        migrations.CreateModel(
            name='Push',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('body', models.TextField()),
                ('at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(help_text='when the replies leave')),
                ('taken_back_at', models.DateTimeField(blank=True, null=True)),
                ('held', models.JSONField(default=list, help_text='ids of desk.Held, while they wait')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('problem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pushes', to='problems.problem')),
                ('tickets', models.ManyToManyField(related_name='+', to='tickets.ticket')),
            ],
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('of', models.CharField(max_length=12)),
                ('key', models.CharField(max_length=400)),
                ('day', models.DateField()),
                ('count', models.PositiveIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['day'], name='problems_tally_day')],
                'constraints': [models.UniqueConstraint(fields=('of', 'key', 'day'), name='problems_tally_once')],
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField(help_text='its first day')),
                ('facts', models.JSONField(default=dict)),
                ('text', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='digests', to='people.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'month'), name='problems_digest_once')],
            },
        ),
    ]
