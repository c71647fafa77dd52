import django.db.models.deletion
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('tickets', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(help_text='shown as KB-<number>; from sequence knowledge_number', unique=True)),
                ('kind', models.CharField(choices=[('article', 'Article'), ('known_error', 'Known error'), ('runbook', 'Runbook')], default='article', max_length=12)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10)),
                ('audience', models.CharField(choices=[('internal', 'Staff only'), ('customers', 'All customers'), ('organisation', 'One customer')], default='internal', max_length=12)),
                ('language', models.CharField(default='en', max_length=8)),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField(blank=True, default='')),
                ('steps', models.JSONField(default=list, help_text='of a runbook: texts in order')),
                ('version', models.IntegerField(default=1, help_text='the newest')),
                ('live', models.IntegerField(blank=True, help_text='the version that readers get; null: none yet', null=True)),
                ('verify_days', models.IntegerField(default=180, help_text='how long a verification holds')),
                ('verified_until', models.DateField(blank=True, null=True)),
                ('reminded_on', models.DateField(blank=True, help_text='the owner was last asked to verify it', null=True)),
                ('views', models.IntegerField(default=0)),
                ('uses', models.IntegerField(default=0, help_text='tickets in which it was used')),
                ('helpful', models.IntegerField(default=0)),
                ('unhelpful', models.IntegerField(default=0)),
                ('made_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('is_demo', models.BooleanField(default=False)),
                ('from_ticket', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tickets.ticket')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='articles', to='people.service')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='articles', to='knowledge.category')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'published')), fields=['verified_until'], name='knowledge_verify'), models.Index(fields=['service', 'state'], name='knowledge_service')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('audience', 'organisation'), ('organisation__isnull', False)), models.Q(models.Q(('audience', 'organisation'), _negated=True), ('organisation__isnull', True)), _connector='OR'), name='knowledge_audience_whole'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('live__isnull', False), _connector='OR'), name='knowledge_published_has_text')],
            },
        ),
        migrations.CreateModel(
            name='Miss',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('words', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['-at'], name='knowledge_miss_at')],
            },
        ),
        migrations.CreateModel(
            name='Opinion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('helpful', models.BooleanField()),
                ('comment', models.TextField(blank=True, default='')),
                ('at', models.DateTimeField()),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='opinions', to='knowledge.article')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('article', 'by'), name='knowledge_opinion_once')],
            },
        ),
        migrations.CreateModel(
            name='Tick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.IntegerField(help_text='from 1')),
                ('text', models.CharField(max_length=500)),
                ('result', models.CharField(choices=[('done', 'Done'), ('no_help', 'Did not help'), ('skipped', 'Skipped')], max_length=10)),
                ('word', models.CharField(blank=True, default='', max_length=300)),
                ('at', models.DateTimeField()),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ticks', to='knowledge.article')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runbook_ticks', to='tickets.ticket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('ticket', 'article', 'step'), name='knowledge_tick_once')],
            },
        ),
        migrations.CreateModel(
            name='Use',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='used', to='knowledge.article')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='articles_used', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket'], name='knowledge_use_ticket')],
                'constraints': [models.UniqueConstraint(fields=('article', 'ticket'), name='knowledge_use_once')],
            },
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('article', 'Article'), ('ticket', 'Similar ticket')], max_length=10)),
                ('object_id', models.UUIDField()),
                ('accepted', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='verdicts', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'object_id'], name='knowledge_verdict_of')],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'kind', 'object_id'), name='knowledge_verdict_once')],
            },
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField(blank=True, default='')),
                ('steps', models.JSONField(default=list)),
                ('at', models.DateTimeField()),
                ('word', models.CharField(blank=True, default='', help_text="what was changed, in the editor's words", max_length=200)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='knowledge.article')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('article', 'number'), name='knowledge_version_once')],
            },
        ),
    ]
