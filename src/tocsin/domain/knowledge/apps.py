from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Articles, known errors and runbooks; what was suggested, tried and found useful on tickets."""

    name = "tocsin.domain.knowledge"
    label = "knowledge"
