"""Addresses of risk."""

from django.urls import URLPattern

routes: list[URLPattern] = []
