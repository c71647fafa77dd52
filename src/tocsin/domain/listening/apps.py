from django.apps import AppConfig


class ListeningConfig(AppConfig):
    """Listening records, call notes, signals in messages, advice on drafts."""

    name = "tocsin.domain.listening"
    label = "listening"
