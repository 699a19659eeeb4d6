"""Auditors at work: they look, search and ask, with a second or so to read in between."""

import requests
from locust import HttpUser, between, task


class Auditor(HttpUser):
    wait_time = between(0.3, 0.9)

    def on_start(self):
        # Not by the client of Locust: who logs in once a day is no part of the load.
        said = requests.post(f"{self.host}/token?name=auditor&password=evidence", timeout=20)
        self.client.headers["Authorization"] = f"Bearer {said.json()['token']}"

    @task(4)
    def evidence(self):
        self.client.get("/controls/7/evidence", name="/controls/[number]/evidence")

    @task(3)
    def search(self):
        self.client.get("/search?q=encryption+policy", name="/search")

    @task(2)
    def dashboard(self):
        self.client.get("/dashboard")

    @task(1)
    def chat(self):
        self.client.post("/chat?q=Which+backup+tests+does+SOC+2+lack", name="/chat")
