"""Single queries."""


def test_simple(single, shop, numbers):
    assert single(lambda: shop.database.product(next(numbers)))["name"]


def test_complex(single, shop, numbers):
    assert len(single(lambda: shop.database.page(next(numbers) % 20))) == 50
