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
    ]

    operations = [
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.IntegerField()),
                ('answers', models.JSONField(help_text='for each question the places of the choices taken')),
                ('right', models.IntegerField()),
                ('of', models.IntegerField()),
                ('passed', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-at'], name='training_attempt_of')],
            },
        ),
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=160, unique=True)),
                ('about', models.TextField(blank=True, default='', help_text='why it is worth knowing')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10)),
                ('pass_mark', models.IntegerField(default=80, help_text='per cent of the questions')),
                ('valid_months', models.IntegerField(default=12, help_text='0: for good')),
                ('needs_sign_off', models.BooleanField(default=False, help_text='a lead says yes before it counts')),
                ('version', models.IntegerField(default=1, help_text='the newest')),
                ('live', models.IntegerField(blank=True, help_text='the version that learners get; null: none yet', null=True)),
                ('counts_from', models.IntegerField(default=1, help_text='passing an earlier version asks for renewal')),
                ('renewal_since', models.DateTimeField(blank=True, help_text='when renewal was last asked for', null=True)),
                ('made_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('is_demo', models.BooleanField(default=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='courses', to=settings.AUTH_USER_MODEL)),
                ('skills', models.ManyToManyField(blank=True, help_text='what passing it grants', related_name='courses', to='people.skill')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('live__isnull', False), _connector='OR'), name='training_published_has_text'), models.CheckConstraint(condition=models.Q(('pass_mark__gte', 1), ('pass_mark__lte', 100)), name='training_pass_mark'), models.CheckConstraint(condition=models.Q(('valid_months__gte', 0), ('valid_months__lte', 120)), name='training_months')],
            },
        ),
        migrations.CreateModel(
            name='Completion',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.IntegerField()),
                ('state', models.CharField(choices=[('waiting', 'Waits for sign-off'), ('valid', 'Valid'), ('expired', 'Run out'), ('refused', 'Not signed off'), ('replaced', 'Replaced by a newer one')], max_length=10)),
                ('passed_at', models.DateTimeField()),
                ('counted_at', models.DateTimeField(blank=True, help_text='since when it counts', null=True)),
                ('word', models.CharField(blank=True, default='', help_text='of whoever signed it off, or did not', max_length=300)),
                ('valid_until', models.DateTimeField(blank=True, help_text='null: for good', null=True)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('due_at', models.DateTimeField(blank=True, help_text='reminder or expiry', null=True)),
                ('attempt', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='completion', to='training.attempt')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='completions', to=settings.AUTH_USER_MODEL)),
                ('signed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='completions', to='training.course')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='training_due'), models.Index(fields=['person', 'state'], name='training_of_person')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'valid')), fields=('course', 'person'), name='training_one_valid'), models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('course', 'person'), name='training_one_waiting')],
            },
        ),
        migrations.AddField(
            model_name='attempt',
            name='course',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='training.course'),
        ),
        migrations.CreateModel(
            name='CourseVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('about', models.TextField(blank=True, default='')),
                ('questions', models.JSONField(default=list, help_text='as logic.questions writes them')),
                ('pass_mark', models.IntegerField(default=80)),
                ('at', models.DateTimeField()),
                ('word', models.CharField(blank=True, default='', help_text='what was changed', max_length=200)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='training.course')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('course', 'number'), name='training_version_once')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(blank=True, default='', max_length=200)),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('had_before', models.BooleanField(default=False, help_text="it stood in the register already, by nobody's grant")),
                ('by', models.ForeignKey(blank=True, help_text='whose word it is', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('completion', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='training.completion')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.AUTH_USER_MODEL)),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='people.skill')),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'skill'], name='training_grant_of')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('skill', 'person', 'completion'), name='training_grant_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.IntegerField()),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.article')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='training.courseversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'article'), name='training_reading_once')],
            },
        ),
        migrations.AddField(
            model_name='courseversion',
            name='articles',
            field=models.ManyToManyField(blank=True, related_name='+', through='training.Reading', to='knowledge.article'),
        ),
        migrations.CreateModel(
            name='Requirement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.CharField(choices=[('L1', 'First line'), ('L2', 'Second line'), ('L3', 'Third line'), ('management', 'Management')], max_length=12)),
                ('within_days', models.IntegerField(default=30, help_text='from when it is asked for')),
                ('made_at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requirements', to='training.course')),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.service')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('service', 'line', 'course'), name='training_requirement_once', nulls_distinct=False)],
            },
        ),
    ]
