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
            name='Bundle',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('note', models.TextField(blank=True, default='', help_text='a word on the whole')),
                ('state', models.CharField(choices=[('offered', 'Offered'), ('answered', 'Answered'), ('withdrawn', 'Taken back'), ('expired', 'Run out')], default='offered', max_length=10)),
                ('offered_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('giver', models.ForeignKey(blank=True, help_text='whose promises', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, help_text="or a team's", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team')),
                ('to_user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shift_handovers', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'offered')), fields=['expires_at'], name='frontline_bundle_due'), models.Index(fields=['to_user', '-offered_at'], name='frontline_bundle_to')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('giver__isnull', False), ('team__isnull', True)), models.Q(('giver__isnull', True), ('team__isnull', False)), _connector='OR'), name='frontline_bundle_of_one')],
            },
        ),
        migrations.CreateModel(
            name='BundleItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('promises', models.JSONField(default=list, help_text='what was promised when it was offered, in words')),
                ('brief', models.TextField(blank=True, default='')),
                ('due_at', models.DateTimeField(blank=True, help_text='the first of its promises', null=True)),
                ('state', models.CharField(choices=[('offered', 'Waits for an answer'), ('taken', 'Taken over'), ('kept', 'Stays with the giver')], default='offered', max_length=8)),
                ('why', models.CharField(blank=True, default='', help_text='why it stays', max_length=300)),
                ('bundle', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='frontline.bundle')),
                ('handover', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bundle_item', to='tickets.handover')),
                ('run', models.ForeignKey(blank=True, help_text='acknowledged', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='escalation.run')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.ticket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('bundle', 'ticket'), name='frontline_item_once')],
            },
        ),
    ]
