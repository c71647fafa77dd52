"""What is done at the front line; everything else of `actions` is private."""

from tocsin.domain.frontline.actions.arbitrating import ask_arbiter
from tocsin.domain.frontline.actions.handing_over import (
    answer_bundle,
    expire_bundles,
    offer_bundle,
    withdraw_bundle,
)

__all__ = ["answer_bundle", "ask_arbiter", "expire_bundles", "offer_bundle", "withdraw_bundle"]
