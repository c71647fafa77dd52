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
            name='Subscription',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('url', models.CharField(max_length=1000)),
                ('kinds', models.JSONField(default=list, help_text='journal kinds, such as ticket.opened or run.*; [] is everything')),
                ('secret', models.TextField(help_text='the signing secret, sealed; shown once')),
                ('enabled', models.BooleanField(default=True)),
                ('paused_because', models.CharField(blank=True, help_text='why the engine has paused it', max_length=300)),
                ('failing_since', models.DateTimeField(blank=True, help_text='first failure since the last success', null=True)),
                ('delivered_at', models.DateTimeField(blank=True, help_text='the last success', null=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('name',), name='webhooks_subscription_name')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=tocsin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('entry', models.BigIntegerField(blank=True, help_text='the journal entry; null: a test', null=True)),
                ('kind', models.CharField(max_length=60)),
                ('made_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('pending', 'To be sent'), ('delivered', 'Delivered'), ('failed', 'Given up')], default='pending', max_length=10)),
                ('due_at', models.DateTimeField(help_text='when it is sent (again), or when the lease of a send ends')),
                ('lease', models.UUIDField(blank=True, null=True)),
                ('tries', models.IntegerField(default=0)),
                ('body', models.TextField(blank=True, help_text='what is sent, as it was at the first try')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('replay_of', models.UUIDField(blank=True, null=True)),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='webhooks.subscription')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['due_at'], name='webhooks_delivery_due'), models.Index(fields=['subscription', '-made_at'], name='webhooks_delivery_log')],
            },
        ),
        migrations.CreateModel(
            name='Try',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('status', models.IntegerField(blank=True, help_text='of HTTP; null: no answer came', null=True)),
                ('answer', models.CharField(blank=True, help_text='its beginning, or what went wrong', max_length=400)),
                ('milliseconds', models.IntegerField()),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='webhooks.delivery')),
            ],
            options={
                'indexes': [models.Index(fields=['delivery', 'at'], name='webhooks_try_of')],
            },
        ),
    ]
