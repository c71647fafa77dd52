from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """What people say afterwards: CSAT, 360-degree feedback, recovery."""

    name = "tocsin.domain.feedback"
    label = "feedback"
