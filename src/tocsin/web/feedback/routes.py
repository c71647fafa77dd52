"""Addresses of feedback."""

from django.urls import URLPattern

routes: list[URLPattern] = []
