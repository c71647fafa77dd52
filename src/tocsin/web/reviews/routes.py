"""Addresses of reviews."""

from django.urls import URLPattern

routes: list[URLPattern] = []
