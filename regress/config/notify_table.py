"""`[tool.regress.notify]` as people write it: what its keys may say, checked; and from it, a NotifySpec.

It is apart from the specification itself, as it alone needs pydantic.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ..model import written
from ..model.spec import NotifySpec
from .table import Strict


def _variable(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError("is the NAME of an environment variable; an address is a secret and does not belong here")
    return value


_Variable = Annotated[str, AfterValidator(_variable)]


class NotifyModel(Strict):
    """The table; see NotifySpec for what its keys mean."""

    slack: _Variable | None = None
    mattermost: _Variable | None = None
    teams: _Variable | None = None
    webhook: _Variable | None = None
    issues: Literal["github", "gitlab"] | None = None
    label: str = Field(default="performance", min_length=1)
    expect_every: Annotated[float, BeforeValidator(written.duration), Field(ge=0)] = 0.0

    def spec(self) -> NotifySpec:
        """What the program uses."""
        return NotifySpec(**self.model_dump(exclude_none=True))
