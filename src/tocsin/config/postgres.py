"""Where PostgreSQL is."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


def database_settings(state: Path) -> dict[str, Any]:
    """Return Django's DATABASES["default"]."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": parts.port or 5432,
    }
