"""How people work on tickets, table by table."""

from tocsin.domain.desk.models.describing import Asset, AssetLink, Field, FieldValue, Tag, Tagging
from tocsin.domain.desk.models.keeping import BulkAct, Follower, SavedView, Snooze, TimeSpent
from tocsin.domain.desk.models.writing import Draft, Held, HeldFile, Macro, Presence

__all__ = [
    "Asset",
    "AssetLink",
    "BulkAct",
    "Draft",
    "Field",
    "FieldValue",
    "Follower",
    "Held",
    "HeldFile",
    "Macro",
    "Presence",
    "SavedView",
    "Snooze",
    "Tag",
    "Tagging",
    "TimeSpent",
]
