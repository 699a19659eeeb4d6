"""The service over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse

from . import auth, chat, dashboard, faults
from .search import Search
from .store import Store

app = FastAPI(title="Compliance", openapi_url=None)
store = Store()
search = Search(store)
faults.on_start()


@app.exception_handler(RuntimeError)
async def refused(request: Request, error: RuntimeError) -> JSONResponse:
    """503 for what the service cannot do now."""
    return JSONResponse({"error": str(error)}, 503)


def user(authorization: Annotated[str, Header()] = "") -> str:
    """Who asks. 401 for nobody."""
    faults.on_request()
    name = auth.user(authorization)
    if name is None:
        raise HTTPException(401, "who is asking?")
    return name


User = Annotated[str, Depends(user)]


@app.get("/health")
def health() -> dict[str, bool]:
    return {"healthy": True}


@app.post("/token")
def token(name: str, password: str) -> dict[str, str]:
    given = auth.token(name, password)
    if given is None:
        raise HTTPException(401, "no such user, or another password")
    return {"token": given}


@app.get("/controls/{number}/evidence")
def evidence(number: int, who: User) -> list[Any]:
    faults.on("evidence")
    return store.of_control(number)


@app.get("/search")
def find(q: str, who: User) -> list[Any]:
    return [(score, store.one(number)) for number, score in search.find(q)]


@app.get("/dashboard")
def overview(who: User) -> dict[str, Any]:
    return dashboard.dashboard(store)


@app.post("/chat")
def ask(q: str, who: User) -> dict[str, str]:
    return {"answer": chat.answer(q, store, search)}
