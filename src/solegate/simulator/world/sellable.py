"""Which variants StockX lets nobody sell: an ask for them is refused however often it is tried (FACTS 1.4, 1.7)."""

from __future__ import annotations

from solegate.simulator.world.dice import dice
from solegate.simulator.world.landmarks import LANDMARKS
from solegate.simulator.world.models import Product, Variant

UNSELLABLE_SHARE = 0.02


def is_sellable(seed: int, product: Product, variant: Variant) -> bool:
    """Whether asks for this variant can open; those of the landmarks always can, so that examples work."""
    return product.design in LANDMARKS or dice(seed, variant.id, "sellable")[0] >= UNSELLABLE_SHARE
