from django.apps import AppConfig


class ProblemsConfig(AppConfig):
    """Problems, the repeat detector, preventive measures and whether they worked."""

    name = "tocsin.domain.problems"
    label = "problems"
