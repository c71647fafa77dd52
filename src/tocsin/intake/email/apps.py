from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "tocsin.intake.email"
    label = "mail"
