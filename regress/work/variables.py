"""`${VAR}` and `${VAR:-default}` in a suite's `env`, `params` and `server`, as a shell fills them in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ..errors import ConfigError
from ..model import SuiteSpec

_REFERENCE = re.compile(r"\$(?:\$|\{([A-Za-z_]\w*)(?:(:?-)([^}]*))?\}|(\{))")


def environment_of(spec: SuiteSpec, base: Mapping[str, str]) -> dict[str, str]:
    """What a suite adds to its environment: each value filled in from its parameters, then from `base`.

    `$$` is a dollar. Raises ConfigError for a variable that is not set and has no default, which names line and key.
    """
    known = {**base, **dict(spec.params)}
    return {name: _filled(text, f"env.{name}", spec, known) for name, text in spec.env}


def with_params(spec: SuiteSpec, base: Mapping[str, str]) -> SuiteSpec:
    """The suite with its parameters filled in from `base`, so that a load set by a variable is told apart by it.

    Its server's command and `ready` are filled in from both. Once is enough: what is filled in is left as it is. Raises
    ConfigError as `environment_of` does.
    """
    texts = [text for _, text in spec.params]
    texts += [*spec.server.command, spec.server.ready] if spec.server else []
    if not any(_REFERENCE.search(text) for text in texts):
        return spec
    params = tuple((name, _filled(text, f"params.{name}", spec, base)) for name, text in spec.params)
    known, server = {**base, **dict(params)}, spec.server
    if server:
        command = tuple(_filled(word, "server.command", spec, known) for word in server.command)
        server = replace(server, command=command, ready=_filled(server.ready, "server.ready", spec, known))
    return replace(spec, params=params, server=server)


def _filled(text: str, key: str, spec: SuiteSpec, known: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name, operator, default, broken = found.groups()
        where = f"{spec.origin_of(key.partition('.')[0])} ({key})"
        if broken:
            raise ConfigError(f"{text!r} has a reference that is none", where=where, hint="write ${NAME:-default}")
        if name is None:
            return "$"
        said = known.get(name)
        # As in a shell: with the colon an empty variable takes the default, too.
        if said is None or (operator == ":-" and not said):
            if operator is None:
                hint = f"set it, or write ${{{name}:-default}}"
                raise ConfigError(f"the variable {name} is not set", where=where, hint=hint)
            return str(default)
        return said

    return _REFERENCE.sub(value, text)
