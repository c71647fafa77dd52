from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Wires events to their handlers once all apps are loaded."""

    name = "tocsin.config"
    label = "config"

    def ready(self) -> None:
        from tocsin.config import wiring  # noqa: PLC0415 - apps must be loaded before handlers are imported

        wiring.connect()
