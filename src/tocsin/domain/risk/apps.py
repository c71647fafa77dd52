from django.apps import AppConfig


class RiskConfig(AppConfig):
    """Explainable escalation risk."""

    name = "tocsin.domain.risk"
    label = "risk"
