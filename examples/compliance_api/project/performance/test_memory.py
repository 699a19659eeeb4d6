"""What stays in memory when the service has worked for a while."""

import psutil
from compliance import chat, dashboard, faults
from compliance.search import Search
from compliance.store import Store


def work(store, search):
    faults.on_request()
    dashboard.dashboard(store)
    chat.answer("Which backup tests does SOC 2 lack?", store, search)
    search.find("encryption policy")


def test_memory(benchmark):
    store = Store()
    search = Search(store)
    work(store, search)
    process = psutil.Process()
    before = process.memory_info().rss
    benchmark.pedantic(work, args=(store, search), rounds=8, iterations=1)
    benchmark.extra_info["memory_increase_mb"] = (process.memory_info().rss - before) / 1e6
