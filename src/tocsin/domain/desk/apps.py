from django.apps import AppConfig


class DeskConfig(AppConfig):
    """How people work on tickets: who looks, drafts, messages about to be sent, macros."""

    name = "tocsin.domain.desk"
    label = "desk"
