"""A reader with names of every kind, and a task that raises."""

from locust import HttpUser, between, task


class Reader(HttpUser):
    wait_time = between(0.02, 0.06)

    @task(5)
    def chapters(self):
        self.client.get("/chapters")

    @task(2)
    def login(self):
        self.client.post("/chapters", data={"a": 1})

    @task(2)
    def chapter(self):
        self.client.get("/chapters/7", name='/chapters/[id], "one"')

    @task(1)
    def broken(self):
        self.client.get("/broken")

    @task(1)
    def lines(self):
        self.client.get("/q?a=1", name="/query\nof two lines")

    @task(1)
    def raises(self):
        raise ValueError("no such\nbook")


class Writer(HttpUser):
    """Not a single request."""

    wait_time = between(0.02, 0.06)

    @task
    def nothing(self):
        pass
