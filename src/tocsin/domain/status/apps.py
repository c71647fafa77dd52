from django.apps import AppConfig


class StatusConfig(AppConfig):
    """Status pages: components, incidents, maintenance; briefings."""

    name = "tocsin.domain.status"
    label = "status"
