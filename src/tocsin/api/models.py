"""What the API remembers between requests: answers by idempotency key, and how much of its rate a token has used."""

from django.db import models


class Answered(models.Model):
    """The answer to a POST that carried an Idempotency-Key: written in the transaction of what the POST did."""

    id = models.BigAutoField(primary_key=True)
    caller = models.UUIDField(help_text="the token, or the person of a session")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text="SHA-256 of method, address and body")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    location = models.CharField(max_length=200, default="")
    etag = models.CharField(max_length=80, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="api_answered_once")]
        indexes = [models.Index(fields=["at"], name="api_answered_at")]


class Spent(models.Model):
    """Requests of one caller in one minute, over all processes. Not logged: after a crash everybody begins anew."""

    caller = models.UUIDField(primary_key=True)
    minute = models.BigIntegerField(help_text="minutes since 1970, by the database's clock")
    count = models.PositiveIntegerField(help_text="taken by processes, in blocks; may pass the limit")
