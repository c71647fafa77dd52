from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Full text search over whatever the apps above hand in."""

    name = "tocsin.domain.search"
    label = "search"
