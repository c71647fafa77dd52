from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """What each line must know per service: courses, sign-off, expiry, and the skill register that follows."""

    name = "tocsin.domain.training"
    label = "training"
