"""Addresses of status."""

from django.urls import URLPattern

routes: list[URLPattern] = []
