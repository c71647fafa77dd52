"""The append-only, hash-chained journal (SECURITY 13).

One chain per stream ("ticket:<id>", "policy:<id>", "person:<id>", "system"). A stream's row is
locked by whoever appends, so a chain never forks; streams do not wait for each other.
Checkpoints chain a digest over all heads, so that cutting off a chain's tail shows too.
"""

from django.db import models


class Stream(models.Model):
    """The head of one chain: how many entries it has and the hash of the last."""

    name = models.CharField(primary_key=True, max_length=80)
    length = models.BigIntegerField(default=0)
    head = models.BinaryField(max_length=32, default=bytes(32))
    checkpointed = models.BigIntegerField(default=0, db_default=0, help_text="length at the last checkpoint")

    class Meta:
        db_table = "journal_stream"
        indexes = [
            models.Index(
                fields=["name"], name="journal_stream_moved", condition=models.Q(length__gt=models.F("checkpointed"))
            )
        ]


class Entry(models.Model):
    """One fact. Never changed and never deleted: triggers refuse UPDATE, DELETE and TRUNCATE."""

    id = models.BigAutoField(primary_key=True)
    stream = models.CharField(max_length=80)
    position = models.BigIntegerField(help_text="1, 2, 3 ... within the stream")
    at = models.DateTimeField(help_text="when it happened, UTC")
    kind = models.CharField(max_length=60, help_text="dotted: ticket.opened, run.level_fired, page.sent")
    actor = models.CharField(max_length=80, help_text="person:<id>, engine, import, system")
    data = models.JSONField(default=dict)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "journal_entry"
        constraints = [models.UniqueConstraint(fields=["stream", "position"], name="journal_entry_position")]


class Checkpoint(models.Model):
    """A digest over the heads of the streams that moved since the last one, itself chained."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    heads = models.JSONField(help_text="{stream: [length, hex head]}")
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "journal_checkpoint"
