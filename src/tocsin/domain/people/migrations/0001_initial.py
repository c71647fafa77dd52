import django.db.models.deletion
import django.db.models.functions.text
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='UsedCode',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('role', models.CharField(choices=[('requester', 'Requester'), ('agent', 'Agent'), ('lead', 'Team lead'), ('escalation_manager', 'Escalation manager'), ('problem_manager', 'Problem manager'), ('stakeholder', 'Stakeholder'), ('administrator', 'Administrator')], default='requester', max_length=20)),
                ('zone', models.CharField(default='UTC', help_text='IANA time zone', max_length=64)),
                ('language', models.CharField(blank=True, default='', help_text='empty: as the browser asks', max_length=8)),
                ('sees_organisation', models.BooleanField(default=False, help_text='sees all tickets of the own organisation, whatever that has set')),
                ('is_active', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField(blank=True, null=True)),
                ('is_demo', models.BooleanField(default=False)),
                ('manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Upper('email'), name='people_email_once')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(default='password', help_text='a name in sign_in.LIMITS', max_length=20)),
                ('who', models.CharField(max_length=64)),
                ('address', models.CharField(help_text='the network address it came from', max_length=64)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'address', 'at'], name='people_attempt_address'), models.Index(fields=['kind', 'who', 'at'], name='people_attempt_who')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('zone', models.CharField(default='UTC', help_text='IANA time zone', max_length=64)),
                ('external_ref', models.CharField(blank=True, default='', max_length=120)),
                ('members_see_all', models.BooleanField(default=False, help_text='its people see all its tickets in the portal')),
                ('is_demo', models.BooleanField(default=False)),
                ('account_manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='accounts', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='user',
            name='organisation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='people.organisation'),
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('method', models.CharField(choices=[('password', 'Password'), ('link', 'Mailed link'), ('oidc', 'Company sign-in'), ('passkey', 'Passkey'), ('totp', 'Authenticator code'), ('recovery_code', 'Recovery code')], max_length=20)),
                ('second', models.CharField(blank=True, choices=[('password', 'Password'), ('link', 'Mailed link'), ('oidc', 'Company sign-in'), ('passkey', 'Passkey'), ('totp', 'Authenticator code'), ('recovery_code', 'Recovery code')], default='', help_text='second factor', max_length=20)),
                ('refused', models.CharField(blank=True, choices=[('wrong', 'Wrong'), ('too_many', 'Too many tries'), ('inactive', 'Deactivated'), ('unknown', 'Nobody known'), ('link', 'Link used or expired')], default='', help_text='empty: let in', max_length=30)),
                ('address', models.CharField(help_text='network address', max_length=64)),
                ('browser', models.CharField(blank=True, default='', max_length=200)),
                ('user', models.ForeignKey(help_text='null: nobody known', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['-at'], name='people_sign_in_at'), models.Index(fields=['user', '-at'], name='people_sign_in_user')],
            },
        ),
        migrations.CreateModel(
            name='Skill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('people', models.ManyToManyField(blank=True, related_name='skills', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('line', models.CharField(choices=[('L1', 'First line'), ('L2', 'Second line'), ('L3', 'Third line'), ('management', 'Management')], default='L1', max_length=12)),
                ('is_demo', models.BooleanField(default=False)),
                ('escalates_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='escalated_from', to='people.team')),
                ('escalation_manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='teams_managed', to=settings.AUTH_USER_MODEL)),
                ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='teams_led', to=settings.AUTH_USER_MODEL)),
                ('members', models.ManyToManyField(related_name='teams', through='people.Membership', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('offered', models.BooleanField(default=True, help_text='customers may choose it in the portal')),
                ('categories', models.JSONField(default=list, help_text='what a customer may choose to say it is about')),
                ('is_demo', models.BooleanField(default=False)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='services', to='people.team')),
            ],
        ),
        migrations.AddField(
            model_name='membership',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='people.team'),
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text='what it is for', max_length=120)),
                ('digest', models.CharField(help_text='SHA-256 of the token, which has 256 random bits', max_length=64, unique=True)),
                ('prefix', models.CharField(help_text='how it begins, to tell one from another', max_length=24)),
                ('scopes', models.JSONField(default=list, help_text='Scope values')),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('used_at', models.DateTimeField(blank=True, help_text='written at most once a minute', null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-made_at'], name='people_token_user')],
            },
        ),
        migrations.CreateModel(
            name='Deputy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('deputy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputy_for', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputies', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('user', models.F('deputy')), _negated=True), name='people_deputy_not_self'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='people_deputy_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='OneTimeLink',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('invitation', 'Invitation'), ('sign_in', 'Sign-in link'), ('password', 'New password')], max_length=10)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.CharField(help_text="the journal's word for who asked for it", max_length=80)),
                ('where', models.CharField(blank=True, default='', help_text='path to go to afterwards', max_length=300)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='one_time_links', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'purpose'], name='people_link_user')],
            },
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('team', 'user'), name='people_membership_once'),
        ),
    ]
