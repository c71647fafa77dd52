from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Metrics as read models, trends, back-test, shadow mode."""

    name = "tocsin.domain.insights"
    label = "insights"
