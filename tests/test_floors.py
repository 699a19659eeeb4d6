"""The house: imports go down the floors only, neighbours do not see each other, no cycles, one importer a library.

Late imports count: an arrow inside a function is an arrow.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "regress"

FLOORS = {
    "errors": 0, "units": 0, "globs": 0, "plain": 0, "stats": 0,
    "model": 1, "plugins": 1,
    "config": 2, "formats": 2, "history": 2, "repo": 2, "judge": 2,
    "report": 3, "site": 3, "suites": 3, "sync": 3, "forge": 3,
    "work": 4,
    "cli": 5, "pytest_plugin": 5, "notebook": 5, "__main__": 6,
}  # fmt: skip
#: Who alone may import a library.
OWNERS = {
    "sqlmodel": {"history"},
    "sqlalchemy": {"history"},
    "psycopg": {"history", "suites"},
    "git": {"repo"},
    "jinja2": {"site"},
    "click": {"cli"},
    "rich": {"cli"},
    "urllib.request": {"forge", "suites"},
    "http.client": {"forge", "suites"},
}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, absolute, late imports too."""
    here = path.relative_to(ROOT).with_suffix("").parts
    package = here[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *((node.module or "").split(".") if node.module else ())))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room(module: str) -> str | None:
    """The room of ours that a module lies in, None for anybody else's."""
    parts = module.split(".")
    if parts[0] != "regress":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else ""


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path):
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    if own == "__init__":
        assert not [m for m in imports(path) if room(m)], "the package itself loads nothing"
        return
    assert own in FLOORS, f"{own} has no floor: name its room in FLOORS"
    for module in imports(path):
        other = room(module)
        if other and other != own:
            assert FLOORS[other] < FLOORS[own], f"{path.name} (floor {FLOORS[own]}) imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_has_one_importer(path):
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    for module in imports(path):
        parts = module.split(".")
        owners = OWNERS.get(parts[0]) or OWNERS.get(".".join(parts[:2]))
        assert owners is None or own in owners, f"{path.name} imports {module}; only {owners} may"


def test_no_cycles_between_modules():
    graph: dict[str, set[str]] = {}
    names = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for p in FILES}
    for path in FILES:
        me = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found = graph.setdefault(me, set())
        for module in imports(path):
            target = module if module in names else module.rpartition(".")[0]
            # A package's __init__ re-exports its modules; a module that imports a sibling does not import it.
            if target in names and target != me and not me.startswith(target + "."):
                found.add(target)
    state: dict[str, int] = {}

    def visit(name: str, way: tuple[str, ...]) -> None:
        state[name] = 1
        for other in sorted(graph.get(name, ())):
            assert state.get(other) != 1, f"a cycle: {' -> '.join((*way, name, other))}"
            if other not in state:
                visit(other, (*way, name))
        state[name] = 2

    for name in sorted(graph):
        if name not in state:
            visit(name, ())


def test_files_are_of_a_readable_size():
    large = {str(p.relative_to(ROOT)): n for p in FILES if (n := len(p.read_text("utf-8").splitlines())) > 400}
    assert not large
