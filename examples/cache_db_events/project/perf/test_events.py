"""Single events, until they are stored."""

from catalogue.events import STREAM


def test_event(single, shop, client):
    single(lambda: shop.events.publish("viewed", product=1).result(timeout=5))
    assert client.xlen(STREAM) > 0
