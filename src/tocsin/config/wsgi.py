"""What granian serves: events of monitoring by the short way, everything else by Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.config.settings")
_pages = get_wsgi_application()

from tocsin.web.hooks.events import Front  # noqa: E402 - after the settings

application = Front(_pages)
