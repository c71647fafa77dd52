"""What an app hands in to be found."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

LONGEST_TEXT = 60_000  # characters of each part; what follows is not found
LABEL = "§"  # first character of a label: the text parser never yields it
LANGUAGES = {"en": "english", "de": "german"}  # person's language -> PostgreSQL's dictionary


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One thing as it is found now. `readers` and `labels` are plain words such as "staff", "org:<id>", "status:open"."""

    kind: str
    object_id: UUID
    title: str
    public: str = ""  # what its customer may read too
    internal: str = ""  # what only staff may read
    readers: tuple[str, ...] = ("staff",)
    labels: tuple[str, ...] = ()
    language: str = "en"
    at: datetime

    def marks(self) -> list[str]:
        """Return the labels as lexemes."""
        marks = [f"{LABEL}kind:{self.kind}", *(f"{LABEL}reader:{reader}" for reader in self.readers)]
        return sorted({*marks, *(mark_of(label) for label in self.labels)})


def mark_of(label: str) -> str:
    """Return a label's lexeme: small letters, at most as long as PostgreSQL keeps."""
    return f"{LABEL}{label.strip().lower()}"[:500]
