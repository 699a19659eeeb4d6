"""Each endpoint by itself, on the server that runs."""


def test_authentication(benchmark, client):
    said = benchmark(client.ask, "POST", "/token", name="owner", password="control")
    assert said["token"].startswith("owner.")


def test_evidence(benchmark, client):
    assert len(benchmark(client.ask, "GET", "/controls/7/evidence")) > 5


def test_search(benchmark, client):
    found = benchmark(client.ask, "GET", "/search", q="encryption policy")
    assert len(found) == 10
    assert "encryption" in found[0][1][3]


def test_dashboard(benchmark, client):
    assert len(benchmark(client.ask, "GET", "/dashboard")["frameworks"]) == 3


def test_chat(benchmark, client):
    said = benchmark(client.ask, "POST", "/chat", q="Which backup tests does SOC 2 lack?")
    assert "gaps" in said["answer"]
