"""Addresses of frontline."""

from django.urls import URLPattern

routes: list[URLPattern] = []
