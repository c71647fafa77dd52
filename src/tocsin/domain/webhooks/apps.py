from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Telling other programs what happens: subscriptions, deliveries, and their log."""

    name = "tocsin.domain.webhooks"
    label = "webhooks"
