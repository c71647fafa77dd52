from django.apps import AppConfig


class FrontlineConfig(AppConfig):
    """What a front line needs at hand: the hot board, handing a shift over."""

    name = "tocsin.domain.frontline"
    label = "frontline"
