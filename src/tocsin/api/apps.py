from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tocsin.api"
    label = "api"
