from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Closing an escalation, post-escalation reviews, causes, corrective actions."""

    name = "tocsin.domain.reviews"
    label = "reviews"
