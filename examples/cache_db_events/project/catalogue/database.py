"""Products and their reviews, through a pool of connections."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, create_engine, func, select
from sqlalchemy.pool import QueuePool

from . import faults

_SCHEMA = MetaData()
PRODUCT = Table(
    "product", _SCHEMA,
    Column("id", Integer, primary_key=True), Column("name", String), Column("category", Integer, index=True),
    Column("price", Float),
)  # fmt: skip
REVIEW = Table(
    "review", _SCHEMA,
    Column("id", Integer, primary_key=True), Column("product", Integer, index=True), Column("stars", Integer),
    Column("words", String),
)  # fmt: skip
CATEGORIES, PRODUCTS, REVIEWS = 20, 1_000, 5_000


class Database:
    """The catalogue's database."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, poolclass=QueuePool, pool_size=4, max_overflow=4, pool_timeout=5)

    def fill(self) -> None:
        """Makes the tables, with always the same products and reviews."""
        products = [
            {"id": n, "name": f"Product {n}", "category": n % CATEGORIES, "price": n % 97 + 0.5}
            for n in range(PRODUCTS)
        ]  # fmt: skip
        reviews = [
            {"id": n, "product": n * 7 % PRODUCTS, "stars": n * 13 % 5 + 1, "words": f"Words {n}"}
            for n in range(REVIEWS)
        ]  # fmt: skip
        with self._engine.connect() as connection:
            # Nobody misses a catalogue that is half made, so nothing need wait for the disk.
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
            _SCHEMA.create_all(connection)
            connection.execute(PRODUCT.insert(), products)
            connection.execute(REVIEW.insert(), reviews)
            connection.commit()

    def product(self, number: int) -> dict[str, Any]:
        """One product: the simple query. Raises KeyError."""
        faults.on_simple()
        with self._engine.connect() as connection:
            row = connection.execute(select(PRODUCT).where(PRODUCT.c.id == number)).mappings().first()
        if row is None:
            raise KeyError(number)
        return dict(row)

    def page(self, category: int) -> list[dict[str, Any]]:
        """The products of a category, the best rated first: the complex query."""
        faults.on_complex()
        stars = func.avg(REVIEW.c.stars).label("stars")
        query = (
            select(PRODUCT.c.id, PRODUCT.c.name, PRODUCT.c.price, stars)
            .join(REVIEW, REVIEW.c.product == PRODUCT.c.id)
            .where(PRODUCT.c.category == category)
            .group_by(PRODUCT.c.id)
            .order_by(stars.desc(), PRODUCT.c.id)
        )
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def close(self) -> None:
        """Gives the pool's connections back."""
        self._engine.dispose()
