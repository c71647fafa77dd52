import django.db.models.deletion
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(help_text='auditor, ticker:<worker>, sender:<worker>', max_length=80, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('data', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='Once',
            fields=[
                ('key', models.CharField(max_length=160, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_index=True)),
                ('answer', models.TextField(blank=True, default='', help_text='what was answered, for repetitions')),
            ],
        ),
        migrations.CreateModel(
            name='Provider',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(help_text='of channels/kinds.py', max_length=40)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message'), ('voice', 'Phone call'), ('web_push', 'Browser push'), ('slack', 'Slack'), ('telegram', 'Telegram'), ('teams', 'Microsoft Teams'), ('mattermost', 'Mattermost'), ('rocket_chat', 'Rocket.Chat'), ('ntfy', 'ntfy'), ('gotify', 'Gotify'), ('pushover', 'Pushover'), ('apprise', 'Apprise address'), ('webhook', 'Webhook'), ('console', 'Console')], max_length=12)),
                ('name', models.CharField(max_length=80, unique=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('enabled', models.BooleanField(default=True)),
                ('settings', models.JSONField(default=dict, help_text='what is no secret, by name')),
                ('sealed', models.TextField(blank=True, default='', help_text='the secrets, encrypted (sealing.py)')),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['channel', 'position', 'created_at'],
            },
        ),
        migrations.CreateModel(
            name='ProviderHealth',
            fields=[
                ('name', models.CharField(help_text="a provider's id, or environment:<channel>", max_length=60, primary_key=True, serialize=False)),
                ('failures', models.PositiveIntegerField(default=0, help_text='in a row')),
                ('rests', models.PositiveSmallIntegerField(default=0, help_text='since it last accepted something')),
                ('resting_until', models.DateTimeField(null=True)),
                ('last_ok_at', models.DateTimeField(null=True)),
                ('last_error_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, default='', max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='CaughtMail',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('to', models.CharField(max_length=300)),
                ('subject', models.CharField(max_length=300)),
                ('text', models.TextField(blank=True, default='')),
                ('html', models.TextField(blank=True, default='')),
                ('raw', models.TextField(help_text='as received, undecodable bytes replaced')),
                ('headers', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['-at'], name='notify_caught_mail_at')],
            },
        ),
        migrations.CreateModel(
            name='ContactMethod',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message'), ('voice', 'Phone call'), ('web_push', 'Browser push'), ('slack', 'Slack'), ('telegram', 'Telegram'), ('teams', 'Microsoft Teams'), ('mattermost', 'Mattermost'), ('rocket_chat', 'Rocket.Chat'), ('ntfy', 'ntfy'), ('gotify', 'Gotify'), ('pushover', 'Pushover'), ('apprise', 'Apprise address'), ('webhook', 'Webhook'), ('console', 'Console')], max_length=12)),
                ('address', models.CharField(help_text='or, of a secret one, the mark by which it is shown', max_length=300)),
                ('sealed', models.TextField(blank=True, default='', help_text='a secret address, encrypted (addresses.py)')),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('stopped_at', models.DateTimeField(help_text='whoever has it answered STOP; it is verified by START again', null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_methods', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'channel', 'address'), name='notify_method_once')],
            },
        ),
        migrations.CreateModel(
            name='ContactRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('urgency', models.CharField(choices=[('normal', 'Normal'), ('high', 'High')], max_length=8)),
                ('position', models.PositiveSmallIntegerField()),
                ('delay_seconds', models.PositiveIntegerField(default=0)),
                ('method', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='notify.contactmethod')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_rules', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['user', 'urgency', 'position'],
                'constraints': [models.UniqueConstraint(fields=('user', 'urgency', 'position'), name='notify_rule_position')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('run', models.UUIDField(help_text='of the page, if an answer to the run takes this delivery back', null=True)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message'), ('voice', 'Phone call'), ('web_push', 'Browser push'), ('slack', 'Slack'), ('telegram', 'Telegram'), ('teams', 'Microsoft Teams'), ('mattermost', 'Mattermost'), ('rocket_chat', 'Rocket.Chat'), ('ntfy', 'ntfy'), ('gotify', 'Gotify'), ('pushover', 'Pushover'), ('apprise', 'Apprise address'), ('webhook', 'Webhook'), ('console', 'Console')], max_length=12)),
                ('address', models.CharField(max_length=300)),
                ('lane', models.CharField(blank=True, default='', help_text='customer and integration; lanes take turns in a storm', max_length=80)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('leased', 'Being sent'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('withdrawn', 'Withdrawn'), ('bundled', 'Sent within a bundle')], default='pending', max_length=10)),
                ('due_at', models.DateTimeField(help_text='when to send (pending) or when the lease ends (leased)', null=True)),
                ('lease', models.UUIDField(help_text="fencing token: a late worker's write matches nothing", null=True)),
                ('leased_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(help_text='set on a leased row: withdrawn while in flight', null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('provider_id', models.CharField(blank=True, default='', max_length=200)),
                ('error', models.CharField(blank=True, default='', max_length=500)),
                ('bundle', models.UUIDField(help_text='the same for all that went out as one message; null: it went alone', null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['pending', 'leased'])), fields=['channel', 'due_at'], name='notify_delivery_due'), models.Index(condition=models.Q(('state__in', ['pending', 'leased'])), fields=['channel', 'lane', 'user', 'due_at'], name='notify_delivery_turns'), models.Index(condition=models.Q(('state__in', ['pending', 'leased'])), fields=['run'], name='notify_delivery_run'), models.Index(condition=models.Q(('sent_at__isnull', False)), fields=['channel', 'address', 'sent_at'], name='notify_delivery_sent'), models.Index(condition=models.Q(('state', 'failed')), fields=['user', 'channel', 'address', 'id'], name='notify_delivery_failed'), models.Index(condition=models.Q(('provider_id', ''), _negated=True), fields=['provider_id'], name='notify_delivery_provider'), models.Index(condition=models.Q(('channel__in', ('sms', 'voice')), ('sent_at__isnull', False)), fields=['sent_at'], name='notify_delivery_phoned'), models.Index(condition=models.Q(('bundle__isnull', False)), fields=['bundle'], name='notify_delivery_bundle')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['pending', 'leased']), _negated=True), ('due_at__isnull', False), _connector='OR'), name='notify_open_has_due'), models.CheckConstraint(condition=models.Q(models.Q(('lease__isnull', False), ('state', 'leased')), models.Q(models.Q(('state', 'leased'), _negated=True), ('lease', None)), _connector='OR'), name='notify_lease_while_leased')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(help_text='sent, refused, retry, lease_lost', max_length=16)),
                ('answer', models.CharField(blank=True, default='', max_length=500)),
                ('lease', models.UUIDField()),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='notify.delivery')),
            ],
        ),
        migrations.CreateModel(
            name='Page',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('run', models.UUIDField(help_text='escalation run, or null for other notices', null=True)),
                ('cycle', models.PositiveIntegerField(default=1)),
                ('level', models.PositiveSmallIntegerField(default=0)),
                ('ticket', models.UUIDField(null=True)),
                ('purpose', models.CharField(default='page', help_text='page, reminder, approval, catch_all, warning, notice', max_length=20)),
                ('urgency', models.CharField(choices=[('normal', 'Normal'), ('high', 'High')], max_length=8)),
                ('subject', models.CharField(max_length=300)),
                ('body', models.TextField()),
                ('data', models.JSONField(default=dict, help_text='for channels: reference, priority, customer, link path ...')),
                ('state', models.CharField(choices=[('active', 'Active'), ('withdrawn', 'Withdrawn'), ('unreachable', 'Unreachable'), ('done', 'Done')], default='active', max_length=12)),
                ('created_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pages', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['run'], name='notify_page_run'), models.Index(fields=['user', '-created_at'], name='notify_page_user')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('run__isnull', False)), fields=('run', 'cycle', 'level', 'user', 'purpose'), name='notify_page_once')],
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='page',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notify.page'),
        ),
        migrations.CreateModel(
            name='AnswerCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=6)),
                ('made_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('page', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='code', to='notify.page')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'code'), name='notify_code_once')],
            },
        ),
        migrations.CreateModel(
            name='QuietHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts', models.TimeField()),
                ('ends', models.TimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='quiet_hours', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='wrong ones')),
                ('used_at', models.DateTimeField(null=True)),
                ('method', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='verifications', to='notify.contactmethod')),
            ],
            options={
                'indexes': [models.Index(fields=['method', '-made_at'], name='notify_verification_method')],
            },
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('page', 'channel', 'address'), name='notify_delivery_once'),
        ),
    ]
