"""What the tables of the configuration have in common."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, ConfigDict

#: The name of a parameter, or of a gauge.
PARAM = re.compile(r"[A-Za-z_][\w.-]*")


class Strict(BaseModel):
    """A table in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid")


def listed(value: Any) -> Any:
    """One word as a list of it."""
    return [value] if isinstance(value, str) else value


def leads_out(value: str) -> bool:
    """Whether a path or a glob leads out of the folder that it counts from."""
    path = PurePath(value)
    return path.is_absolute() or ".." in path.parts
