"""Single operations of the cache."""


def test_get(single, shop, numbers):
    product = shop.database.product(1)
    for number in range(1000):
        shop.cache.set(f"product:{number}", product)
    assert single(lambda: shop.cache.get(f"product:{next(numbers)}")) == product


def test_set(single, shop, numbers):
    product = shop.database.product(1)
    single(lambda: shop.cache.set(f"product:{next(numbers)}", product))
