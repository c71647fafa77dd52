import django.db.models.deletion
from tocsin.domain.journal import migrating
import tocsin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrating.Migration):

    initial = True

    dependencies = [
        ('escalation', '0002_guards'),
        ('people', '__first__'),
        ('tickets', '0002_number'),
    ]

    operations = [
        migrations.CreateModel(
            name='OptOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='feedback_opt_out', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='QuestionSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party', models.CharField(choices=[('customer', 'Customer'), ('front_line', 'Front line'), ('expert', 'Expert'), ('manager', 'Manager')], max_length=12)),
                ('number', models.PositiveIntegerField()),
                ('questions', models.JSONField(help_text='[{key, kind: scale or text, en, de}]')),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=80)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('party', 'number'), name='feedback_questions_once')],
            },
        ),
        migrations.CreateModel(
            name='Ask',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('csat', 'Resolution'), ('escalation', 'Escalation')], max_length=12)),
                ('party', models.CharField(choices=[('customer', 'Customer'), ('front_line', 'Front line'), ('expert', 'Expert'), ('manager', 'Manager')], max_length=12)),
                ('resolved_at', models.DateTimeField(help_text='names the resolution; of kind csat', null=True)),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('asked', 'Asked'), ('answered', 'Answered'), ('expired', 'Not answered'), ('skipped', 'Not asked'), ('withdrawn', 'Withdrawn')], default='planned', max_length=10)),
                ('why', models.CharField(blank=True, default='', help_text='why it was not asked, or withdrawn', max_length=120)),
                ('due_at', models.DateTimeField(help_text='of the next step: question, reminder, end; null: none', null=True)),
                ('planned_at', models.DateTimeField()),
                ('asked_at', models.DateTimeField(null=True)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('via', models.CharField(blank=True, default='', help_text='link, portal, inbox, api', max_length=10)),
                ('escalation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='asks', to='escalation.escalation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='asks', to=settings.AUTH_USER_MODEL)),
                ('rating', models.OneToOneField(help_text='what was answered', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='ask', to='tickets.rating')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='asks', to='tickets.ticket')),
                ('questions', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.questionset')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='feedback_ask_due'), models.Index(fields=['person', 'asked_at'], name='feedback_ask_person'), models.Index(condition=models.Q(('asked_at__isnull', False)), fields=['asked_at'], name='feedback_ask_asked')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'csat')), fields=('ticket', 'resolved_at'), name='feedback_csat_once'), models.UniqueConstraint(condition=models.Q(('kind', 'escalation')), fields=('escalation', 'party'), name='feedback_party_once'), models.CheckConstraint(condition=models.Q(models.Q(('escalation__isnull', True), ('kind', 'csat'), ('resolved_at__isnull', False)), models.Q(('escalation__isnull', False), ('kind', 'escalation'), ('questions__isnull', False), ('resolved_at__isnull', True)), _connector='OR'), name='feedback_ask_whole'), models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'asked']), ('due_at__isnull', True), _connector='OR'), name='feedback_ended_not_due')],
            },
        ),
        migrations.CreateModel(
            name='Recovery',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('score', models.SmallIntegerField(help_text='the rating as it opened this')),
                ('owner_why', models.CharField(blank=True, default='', help_text='the rule that named the owner', max_length=120)),
                ('state', models.CharField(choices=[('open', 'To be called'), ('regained', 'Regained'), ('not_regained', 'Not regained'), ('unreached', 'Never reached')], default='open', max_length=14)),
                ('opened_at', models.DateTimeField()),
                ('callback_at', models.DateTimeField(help_text='the customer is called by then, in business time')),
                ('due_at', models.DateTimeField(help_text='of the next step: reminder, missed; null: none', null=True)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('missed_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('agreed', models.TextField(blank=True, default='', help_text='what was agreed with the customer')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recoveries', to=settings.AUTH_USER_MODEL)),
                ('rating', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='recovery', to='tickets.rating')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recoveries', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='feedback_recovery_due'), models.Index(fields=['state', 'callback_at'], name='feedback_recovery_state'), models.Index(fields=['ticket'], name='feedback_recovery_ticket')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('closed_at__isnull', False), ('due_at__isnull', True)), _connector='OR'), name='feedback_recovery_closed')],
            },
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('asks_ratings', models.BooleanField(default=False, help_text='customers are asked to rate a resolution')),
                ('delay_minutes', models.PositiveIntegerField(default=60, help_text='from the resolution to the question')),
                ('share', models.PositiveSmallIntegerField(default=100, help_text='percent of resolutions that are asked about')),
                ('quiet_days', models.PositiveSmallIntegerField(default=14, help_text='a person is asked at most once in these days')),
                ('remind_hours', models.PositiveIntegerField(default=72, help_text='from the question to its one reminder; 0: none')),
                ('expire_days', models.PositiveSmallIntegerField(default=14, help_text='how long a link works')),
                ('low_score', models.PositiveSmallIntegerField(default=2, help_text='a rating at or below opens a recovery')),
                ('callback_minutes', models.PositiveIntegerField(default=240, help_text='business minutes until the customer is called')),
                ('asks_parties', models.BooleanField(default=False, help_text='all parties are asked after an escalation')),
                ('party_shares', models.JSONField(default=dict, help_text='percent of escalations asked about, by type')),
                ('least_severity', models.PositiveSmallIntegerField(default=4, help_text='asked about from Sev1 down to this priority')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='feedback_one_setting'), models.CheckConstraint(condition=models.Q(('low_score__gte', 1), ('low_score__lte', 4), ('share__lte', 100)), name='feedback_setting_sane')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='the same word in several forms is compared between parties', max_length=30)),
                ('score', models.SmallIntegerField(null=True)),
                ('text', models.TextField(blank=True, default='')),
                ('ask', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='feedback.ask')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('ask', 'key'), name='feedback_answer_once'), models.CheckConstraint(condition=models.Q(('score__isnull', True), models.Q(('score__gte', 1), ('score__lte', 5)), _connector='OR'), name='feedback_answer_score')],
            },
        ),
    ]
