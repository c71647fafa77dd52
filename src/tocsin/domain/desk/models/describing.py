"""What a ticket is about, beyond its own columns: tags, an organisation's own fields, the things it concerns."""

from django.db import models
from django.db.models.functions import Lower

from tocsin.domain.desk.enums import Criticality, FieldKind
from tocsin.domain.people.models import Organisation, Service, User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class Tag(models.Model):
    """A word that groups tickets. Small letters, digits and hyphens."""

    name = models.CharField(max_length=40, unique=True)


class Tagging(models.Model):
    """One tag on one ticket."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "tag"], name="desk_tagging_once")]


class Field(models.Model):
    """A field of the organisation's own, for every ticket or for those of one service."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=FieldKind)
    choices = models.JSONField(default=list, help_text="of a choice: the values, in order")
    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True, related_name="+")
    required = models.BooleanField(default=False, help_text="before the ticket can be resolved from its page")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "name"]


class FieldValue(models.Model):
    """What one ticket has in one field; JSON of the field's kind."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="field_values")
    field = models.ForeignKey(Field, models.CASCADE, related_name="values")
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "field"], name="desk_value_once")]


class Asset(models.Model):
    """A thing that can fail: a machine, an application, a line (configuration item)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60, blank=True, default="", help_text="server, laptop, application ...")
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="assets")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="assets")
    service = models.ForeignKey(Service, models.SET_NULL, null=True, blank=True, related_name="assets")
    criticality = models.SmallIntegerField(choices=Criticality, default=Criticality.NORMAL)
    serial = models.CharField(max_length=120, blank=True, default="")
    notes = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="desk_asset_once")]

    def __str__(self) -> str:
        return self.name


class AssetLink(models.Model):
    """One ticket concerns one thing."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="asset_links")
    asset = models.ForeignKey(Asset, models.CASCADE, related_name="ticket_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "asset"], name="desk_asset_link_once")]
