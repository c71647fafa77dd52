"""The index: one row per thing that can be found, and the figures that BM25 needs.

Lexemes of the text carry the weight of where they stand: A the title, C what its customer may read too, D what only
staff may read. Labels (kind, reader, state ...) are lexemes as well, with a first character that no text yields, so
that one GIN index answers words, filters and permissions together.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Entry(models.Model):
    """One thing that can be found."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20, help_text="ticket, article, person, organisation")
    object_id = models.UUIDField()
    words = SearchVectorField()
    length = models.PositiveIntegerField(help_text="words of the text, labels not counted")
    at = models.DateTimeField(help_text="when the thing came to be; younger ones win a tie")

    class Meta:
        db_table = "search_entry"
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="search_entry_once")]
        # Written in the background only: readers should not pay for a list of pending writes.
        indexes = [GinIndex(fields=["words"], name="search_entry_words", fastupdate=False)]


class Pending(models.Model):
    """Something that has changed since it was indexed, or ceased to be."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    object_id = models.UUIDField()

    class Meta:
        db_table = "search_pending"


class Term(models.Model):
    """In how many entries a lexeme stands. Also what a misspelt word is compared with."""

    lexeme = models.TextField(primary_key=True)
    entries = models.BigIntegerField()

    class Meta:
        db_table = "search_term"
        indexes = [GinIndex(fields=["lexeme"], name="search_term_like", opclasses=["gin_trgm_ops"])]


class Totals(models.Model):
    """How many entries there are and how many words they hold: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    entries = models.BigIntegerField(default=0)
    words = models.BigIntegerField(default=0)

    class Meta:
        db_table = "search_totals"
