"""Addresses of stakeholders."""

from django.urls import URLPattern

routes: list[URLPattern] = []
