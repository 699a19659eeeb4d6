"""Two users, eight, and two again."""

from locust import HttpUser, LoadTestShape, constant, task


class Reader(HttpUser):
    wait_time = constant(0.01)

    @task
    def chapters(self):
        self.client.get("/chapters")


class Spike(LoadTestShape):
    def tick(self):
        now = self.get_run_time()
        return None if now >= 30 else (8, 10) if 8 <= now < 12 else (2, 10)
