"""Addresses of training."""

from django.urls import URLPattern

routes: list[URLPattern] = []
