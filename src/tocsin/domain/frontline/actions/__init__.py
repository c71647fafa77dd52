"""What is done at the front line; everything else of `actions` is private."""

from tocsin.domain.frontline.actions.handing_over import (
    answer_bundle,
    expire_bundles,
    offer_bundle,
    withdraw_bundle,
)

__all__ = ["answer_bundle", "expire_bundles", "offer_bundle", "withdraw_bundle"]
