from django.apps import AppConfig


class StakeholdersConfig(AppConfig):
    """Promises, communication plans, updates, subscribers."""

    name = "tocsin.domain.stakeholders"
    label = "stakeholders"
