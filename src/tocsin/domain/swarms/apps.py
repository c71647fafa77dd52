from django.apps import AppConfig


class SwarmsConfig(AppConfig):
    """Swarms of experts, and the command of major escalations."""

    name = "tocsin.domain.swarms"
    label = "swarms"
