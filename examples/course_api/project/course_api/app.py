"""The HTTP interface."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from . import faults, writer
from .settings import Settings
from .store import Store

settings = Settings.of_environment()
store = Store(settings.database, settings.database_ms / 1000)
app = FastAPI(title="courses")
faults.plant(app)


class NewCourse(BaseModel):
    """What makes a course."""

    title: str = Field(min_length=1)
    author: str = "nobody"
    outline: list[str] = Field(min_length=1)


@app.get("/health")
async def health() -> dict[str, str]:
    """Whether it is up."""
    return {"status": "ok"}


@app.post("/courses", status_code=201)
def create(new: NewCourse) -> dict[str, int]:
    """Begins a course; its chapters are written when they are asked for."""
    return {"id": store.add_course(new.title, new.author, new.outline)}


@app.get("/courses")
def overview() -> list[dict[str, Any]]:
    """The courses."""
    return store.courses()


@app.get("/courses/{number}")
def course(number: int) -> dict[str, Any]:
    """A course and its chapters."""
    return _there(store.course(number))


@app.post("/courses/{number}/chapters/{chapter}", status_code=201)
def write(number: int, chapter: int) -> dict[str, Any]:
    """Writes a chapter of the outline."""
    outline = _there(store.course(number))["outline"]
    if not 1 <= chapter <= len(outline):
        raise HTTPException(404, f"the outline has {len(outline)} chapters")
    text = writer.chapter(outline[chapter - 1], settings.chapter_words)
    store.add_chapter(number, chapter, outline[chapter - 1], text)
    return {"chapter": chapter, "characters": len(text)}


@app.get("/courses/{number}/chapters/{chapter}")
def read(number: int, chapter: int) -> dict[str, Any]:
    """A chapter that was written."""
    return _there(store.chapter(number, chapter))


def _there(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        raise HTTPException(404, "there is none")
    return found


def fill(courses: int) -> None:
    """So many courses of three chapters, so that there is something to read."""
    for number in range(courses):
        outline = [f"{word} part {number}" for word in ("beginnings", "practice", "questions")]
        made = store.add_course(f"Course {number}", "the house", outline)
        for chapter, title in enumerate(outline, start=1):
            store.add_chapter(made, chapter, title, writer.chapter(title, 900))


fill(settings.courses)
