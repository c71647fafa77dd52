"""Tocsin: escalation management for IT support."""
