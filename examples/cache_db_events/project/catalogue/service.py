"""What a visitor asks for: a product, with the page of its category beside it."""

from __future__ import annotations

from typing import Any

from . import faults
from .cache import Cache
from .database import Database
from .events import Events


class Catalogue:
    """Cache, database and events together. `cached`: whether the cache is asked at all."""

    def __init__(self, cache: Cache, database: Database, events: Events, *, cached: bool = True) -> None:
        self.cache, self.database, self.events, self._cached = cache, database, events, cached

    def request(self, number: int) -> dict[str, Any]:
        """A whole request. Raises KeyError for a product that does not exist."""
        faults.on_request()
        product = self.product(number)
        answer = {"product": product, "beside": self.page(product["category"])[:10]}
        self.events.publish("viewed", product=number)
        return answer

    def product(self, number: int) -> Any:
        """A product, from the cache where it is there."""
        key = f"product:{number}"
        if self._cached and (known := self.cache.get(key)) is not None:
            return known
        product = self.database.product(number)
        if self._cached:
            self.cache.set(key, product)
        return product

    def page(self, category: int) -> Any:
        """The page of a category."""
        return self.database.page(category)
