"""The steady clock, under the name by which the engine knows it."""

from tocsin.kernel.steady import steady_seconds

__all__ = ["steady_seconds"]
