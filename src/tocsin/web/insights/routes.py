"""Addresses of insights."""

from django.urls import URLPattern

routes: list[URLPattern] = []
