import pytest

from performance.client import Client


@pytest.fixture(scope="session")
def client():
    asking = Client()
    asking.log_in()
    return asking
