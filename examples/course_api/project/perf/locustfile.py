"""Readers and authors, as the service meets them: mostly reading, now and then a new course and its first chapter."""

from __future__ import annotations

import os
import random

from locust import FastHttpUser, between, task

PAUSE = float(os.environ.get("PAUSE", "1"))


class Student(FastHttpUser):
    """Thinks for about PAUSE seconds between two requests."""

    wait_time = between(PAUSE / 2, PAUSE * 3 / 2)

    @task(6)
    def read_course(self) -> None:
        self.client.get(f"/courses/{random.randint(1, 20)}", name="/courses/[id]")

    @task(4)
    def read_chapter(self) -> None:
        self.client.get(f"/courses/{random.randint(1, 20)}/chapters/1", name="/courses/[id]/chapters/[n]")

    @task(2)
    def overview(self) -> None:
        self.client.get("/courses", name="/courses")

    @task(1)
    def create(self) -> None:
        self.client.post("/courses", json={"title": "Measuring", "outline": ["why we measure"]}, name="/courses")
