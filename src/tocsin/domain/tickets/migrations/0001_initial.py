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
    ]

    operations = [
        migrations.CreateModel(
            name='PriorityCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('impact', models.SmallIntegerField(choices=[(1, 'High'), (2, 'Medium'), (3, 'Low')])),
                ('urgency', models.SmallIntegerField(choices=[(1, 'High'), (2, 'Medium'), (3, 'Low')])),
                ('priority', models.SmallIntegerField(choices=[(1, 'Critical'), (2, 'High'), (3, 'Moderate'), (4, 'Low')])),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('impact', 'urgency'), name='tickets_matrix_cell')],
            },
        ),
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(help_text='shown as T-<number>; from sequence tickets_number', unique=True)),
                ('subject', models.CharField(max_length=300)),
                ('description', models.TextField(blank=True, default='')),
                ('status', models.CharField(choices=[('new', 'New'), ('open', 'Open'), ('waiting_customer', 'Waiting for customer'), ('waiting_vendor', 'Waiting for vendor'), ('waiting_change', 'Waiting for change'), ('resolved', 'Resolved'), ('closed', 'Closed'), ('reopened', 'Reopened')], default='new', max_length=20)),
                ('impact', models.SmallIntegerField(choices=[(1, 'High'), (2, 'Medium'), (3, 'Low')], default=2)),
                ('urgency', models.SmallIntegerField(choices=[(1, 'High'), (2, 'Medium'), (3, 'Low')], default=2)),
                ('priority', models.SmallIntegerField(choices=[(1, 'Critical'), (2, 'High'), (3, 'Moderate'), (4, 'Low')], default=3)),
                ('category', models.CharField(blank=True, default='', max_length=120)),
                ('configuration_item', models.CharField(blank=True, default='', max_length=120)),
                ('channel', models.CharField(default='web', help_text='web, phone, email, api, import', max_length=20)),
                ('opened_at', models.DateTimeField(help_text='when the clock starts; may lie before the row was made')),
                ('updated_at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('unassigned_since', models.DateTimeField(blank=True, null=True)),
                ('team_since', models.DateTimeField(blank=True, null=True)),
                ('last_public_reply_at', models.DateTimeField(blank=True, null=True)),
                ('last_customer_message_at', models.DateTimeField(blank=True, null=True)),
                ('last_owner_activity_at', models.DateTimeField(blank=True, null=True)),
                ('handovers', models.IntegerField(default=0)),
                ('ping_pongs', models.IntegerField(default=0)),
                ('reopens', models.IntegerField(default=0)),
                ('external_source', models.CharField(blank=True, default='', max_length=40)),
                ('external_ref', models.CharField(blank=True, default='', max_length=120)),
                ('is_demo', models.BooleanField(default=False)),
                ('is_drill', models.BooleanField(default=False, help_text='carries a test; in no list, on no clock, in no figure')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='people.organisation')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='owned_tickets', to=settings.AUTH_USER_MODEL)),
                ('requester', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requested_tickets', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='people.service')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='people.team')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status__in', ['resolved', 'closed']), _negated=True), fields=['priority', 'opened_at'], name='tickets_open'), models.Index(fields=['team', 'status'], name='tickets_team_status'), models.Index(condition=models.Q(('status__in', ['waiting_change', 'waiting_customer', 'waiting_vendor'])), fields=['status'], name='tickets_waiting'), models.Index(fields=['owner', 'status'], name='tickets_owner_status'), models.Index(fields=['organisation', 'opened_at'], name='tickets_organisation'), models.Index(fields=['service', 'opened_at'], name='tickets_service')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('external_source', 'external_ref'), name='tickets_external_once')],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('resolved_at', models.DateTimeField(help_text='names the resolution that is rated')),
                ('score', models.SmallIntegerField(help_text='1 (bad) to 5 (good)')),
                ('comment', models.TextField(blank=True, default='')),
                ('given_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['given_at'], name='tickets_rating_given')],
                'constraints': [models.UniqueConstraint(fields=('ticket', 'resolved_at'), name='tickets_rating_once'), models.CheckConstraint(condition=models.Q(('score__gte', 1), ('score__lte', 5)), name='tickets_rating_score')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('customer', "Customer's message"), ('reply', 'Public reply'), ('note', 'Internal note')], max_length=10)),
                ('body', models.TextField()),
                ('at', models.DateTimeField()),
                ('via', models.CharField(blank=True, default='', help_text='email, api; empty: the pages', max_length=20)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', 'at'], name='tickets_message_at')],
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('related', 'Related'), ('duplicate', 'Duplicate of'), ('child', 'Child of'), ('problem', 'Caused by problem')], max_length=10)),
                ('at', models.DateTimeField()),
                ('from_ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links_out', to='tickets.ticket')),
                ('to_ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links_in', to='tickets.ticket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('from_ticket', 'to_ticket', 'kind'), name='tickets_link_once')],
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('brief', models.TextField(help_text='what happened, tried, known, wanted, next promise')),
                ('state', models.CharField(choices=[('offered', 'Offered'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('expired', 'Expired'), ('withdrawn', 'Withdrawn')], default='offered', max_length=10)),
                ('offered_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True, default='', help_text='why it was declined, or a word on accepting')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team')),
                ('from_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('to_team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handovers_to', to='people.team')),
                ('to_user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handovers_to', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='handover_offers', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'offered')), fields=['expires_at'], name='tickets_handover_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'offered')), fields=('ticket',), name='tickets_one_open_handover')],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('field', models.CharField(help_text='status, priority, impact, urgency, team, owner, line, service', max_length=20)),
                ('before', models.CharField(blank=True, default='', max_length=120)),
                ('after', models.CharField(blank=True, default='', max_length=120)),
                ('actor', models.CharField(default='system', max_length=80)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', 'at', 'id'], name='tickets_change_at')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=150)),
                ('size', models.BigIntegerField(help_text='bytes')),
                ('declared', models.CharField(blank=True, default='', help_text='content type its sender claims', max_length=120)),
                ('kind', models.CharField(help_text='content type by its first bytes', max_length=120)),
                ('sha256', models.CharField(max_length=64)),
                ('content_id', models.CharField(blank=True, default='', help_text="of an image shown in a mail's text", max_length=240)),
                ('inline', models.BooleanField(default=False)),
                ('refused', models.CharField(blank=True, default='', help_text='why its bytes were not kept', max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='tickets.message')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(fields=['ticket', 'at'], name='tickets_attachment_at'), models.Index(fields=['sha256'], name='tickets_attachment_sha')],
            },
        ),
    ]
