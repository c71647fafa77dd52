"""Where a review's sheets go back to."""

from django.urls import reverse

from tocsin.domain.reviews.models import Review


def page_of(found: Review, part: str = "") -> str:
    """Return the address of a review, at one of its parts."""
    return reverse("review", args=[found.number]) + (f"#{part}" if part else "")
