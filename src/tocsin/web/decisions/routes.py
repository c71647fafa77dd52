"""Addresses of decisions."""

from django.urls import URLPattern

routes: list[URLPattern] = []
