from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "tocsin.domain.sla"
    label = "sla"
    default_auto_field = "django.db.models.BigAutoField"
