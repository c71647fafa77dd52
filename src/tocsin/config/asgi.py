"""What granian serves beside the pages: the live events (web/live), and nothing else."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.config.settings")
django.setup()

from tocsin.web.live.stream import application  # noqa: E402 - after the settings

__all__ = ["application"]
