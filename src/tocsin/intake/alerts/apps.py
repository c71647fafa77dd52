from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "tocsin.intake.alerts"
    label = "alerts"
