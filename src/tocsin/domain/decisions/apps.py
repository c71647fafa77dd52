from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """Decision rights: who may decide what, and what was decided."""

    name = "tocsin.domain.decisions"
    label = "decisions"
