"""Test times out of JUnit XML: `pytest --junitxml=FILE`, and what other runners write after it.

    <testsuites><testsuite name="pytest" timestamp="2026-11-21T01:16:28.089129+00:00" hostname="box" time="0.060">
      <testcase classname="tests.test_a.TestThing" name="test_many[a]" file="tests/test_a.py" time="0.013">
        <failure message="…">…</failure> | <error …/> | <skipped …/>
      </testcase></testsuite></testsuites>

one file    is one run; <testsuites>, or a single <testsuite> as the root
names       as pytest names its tests: `file` (junit_family = xunit1) and what of `classname` is not the file:
            "tests/test_a.py::TestThing::test_many", variant "[a]". Without `file`, of a suite named "pytest", the
            classes begin at the first part of `classname` that begins with "Test". Of other runners: "CLASSNAME::NAME"
time        of setup, call and teardown together, in seconds with three digits: a millisecond is the least that can be
            seen, so that 0.002 and 0.003 may be the same, and 0.000 is anything below half of one. Such a suite needs
            a rule with an absolute tolerance. It is one figure, `value`; a case without a time is a gap (skipped)
outcomes    failure and error are gaps (failed), skipped (an expected failure too) is a gap (skipped); with the message
repeated    the same name twice in one test suite is a test that was run again, or one whose teardown failed: the last
            counts. In another test suite of the file it is a fault, and the first is taken
time stamp  the earliest of the suites; without an offset (pytest up to 8.2: local time) it is taken as UTC
environment the host's name, and nothing else; no version, no commit

Read with expat. A document type is refused, so that no entity expands and nothing else is opened; so is what is nested
deeper than 64 levels. Lossy: output, properties, assertions, lines, what a failure says behind its first line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.parsers import expat

from ..errors import InputError
from ..model import TIME, Bad, Benchmark, Environment, Key, Run, Source
from .document import Document
from .fields import masked, shown, when
from .options import ReadOptions
from .rows import RowList

_MAX_DEPTH = 64
_MAX_CASES = 1_000_000
_OUTCOMES = {"failure": "failed", "error": "failed", "skipped": "skipped"}
#: "1.234", "1e-3" and, with marks between the thousands, "1,234.5"; a comma alone may be either and is no number.
_SECONDS = re.compile(r"\d+(?:\.\d*)?(?:[eE][-+]?\d{1,3})?|\.\d+|[1-9]\d{0,2}(?:,\d{3})+\.\d+")
_ROOT = re.compile(rb"<testsuites?[\s/>]")
_HINT = "write the file again, or leave it out"
#: Faults of expat that mean that the text breaks off: no element, an open token or CDATA, half a character.
_CUT = frozenset({3, 5, 6, 20})


@dataclass(slots=True)
class _Case:
    """One test case as it stands in the file; `status` is "" for one that passed, `suite` counts the suites."""

    suite: int
    pytest: bool
    said: Mapping[str, str]
    status: str = ""
    reason: str = ""


class JUnit:
    """Test times of JUnit XML, one run a file."""

    name = "junit"
    version = 1

    def detect(self, document: Document) -> float:
        """Sure of XML that begins with test suites."""
        head = document.data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
        return 0.9 if head.startswith(b"<") and _ROOT.search(head) else 0.0

    def companions(self, document: Document) -> Iterable[bytes]:
        """None: the file stands alone."""
        return ()

    def read(self, document: Document, options: ReadOptions) -> Iterator[Run | Bad]:
        """One run, after a Bad for each test case that is at fault."""
        parsed = _Parsed(document)
        taken: dict[Key, _Case] = {}
        again: set[Key] = set()
        faults = []
        for case in parsed.cases:
            if not case.said.get("name", "").strip():
                faults.append(Bad(document.path, "a test case has no name", "the other cases are read"))
                continue
            key = Key(_benchmark(case, options.suite or self.name), TIME)
            if taken.setdefault(key, case).suite != case.suite:
                what = "the name came before in another test suite of this file"
                faults.append(Bad(f"{document.path}: {key.benchmark.full}", what, "the first one is taken"))
            elif taken[key] is not case:
                taken[key] = case
                again.add(key)
        yield from faults
        if taken:
            yield self._run(parsed, taken, len(again))
        elif not faults:
            yield Bad(document.path, "no test cases in this file", "check that some tests were selected")

    def _run(self, parsed: _Parsed, taken: Mapping[Key, _Case], again: int) -> Run:
        rows = RowList()
        for key, case in taken.items():
            seconds = _seconds(case.said.get("time", ""))
            if case.status:
                rows.gap(key, case.status, case.reason)
            elif seconds is None:
                rows.gap(key, "skipped", "it has no time")
            else:
                rows.add(key, {"value": seconds})
        warnings = [f"{again} tests stand more than once in the file, and the last of each is taken"] if again else []
        if not parsed.began:
            warnings.append("the file does not say when it was measured")
        return Run(
            commit="",
            environment=Environment.of({}, host=parsed.host),
            source=Source(parsed.path, self.name, "pytest" if parsed.pytest else ""),
            columns=rows.columns,
            gaps=rows.gaps,
            started_at=min(parsed.began, default=None),
            ended_at=max(parsed.ended, default=None),
            warnings=tuple(warnings),
        )


class _Parsed:
    """The test cases of a document, and what its suites say. Raises InputError where it is not XML of that kind."""

    def __init__(self, document: Document) -> None:
        self.path = document.path
        self.cases: list[_Case] = []
        self.began: list[datetime] = []
        self.ended: list[datetime] = []
        self.host = ""
        self.pytest = False
        self._open: list[str] = []
        self._suites = 0
        self._inside: list[tuple[int, bool]] = [(0, False)]
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        # Without a document type there are no entities, so that nothing can expand and nothing else be opened.
        parser.StartDoctypeDeclHandler = self._refused
        parser.EntityDeclHandler = self._refused
        try:
            parser.Parse(document.data, True)
        except expat.ExpatError as error:
            raise InputError(_why(document.data, error), where=self.path, hint=_HINT) from error
        except (ValueError, LookupError) as error:  # an encoding that Python does not know, or not for XML
            raise InputError(f"the XML cannot be decoded: {error}", where=self.path, hint=_HINT) from error

    def _refused(self, *declared: object) -> None:
        what = "the XML has a document type of its own, which may hide anything"
        raise InputError(what, where=self.path, hint="take the DOCTYPE out of it")

    def _start(self, tag: str, said: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._open and name not in ("testsuites", "testsuite"):
            hint = "name the file that --junitxml wrote"
            raise InputError(f"the XML holds <{shown(tag)}> and no test suites", where=self.path, hint=hint)
        if len(self._open) >= _MAX_DEPTH:
            raise InputError("the XML is nested too deep", where=self.path, hint=_HINT)
        if name == "testsuite":
            self._suite(said)
        elif name == "testcase":
            if len(self.cases) >= _MAX_CASES:
                raise InputError(f"more than {_MAX_CASES:,} test cases", where=self.path, hint="split the file")
            suite, pytest = self._inside[-1]
            self.cases.append(_Case(suite, pytest, said))
        elif name in _OUTCOMES and self._open[-1] == "testcase":
            case = self.cases[-1]
            if case.status != "failed":
                case.status = _OUTCOMES[name]
                first = (said.get("message") or said.get("type") or "").strip().partition("\n")[0]
                case.reason = shown(masked(first)) or f"<{name}>"
        self._open.append(name)

    def _suite(self, said: Mapping[str, str]) -> None:
        self._suites += 1
        pytest = said.get("name") == "pytest"
        self.pytest = self.pytest or pytest
        self.host = self.host or said.get("hostname", "").strip()
        self._inside.append((self._suites, pytest))
        if began := when(said.get("timestamp")):
            self.began.append(began)
            try:
                self.ended.append(began + timedelta(seconds=_seconds(said.get("time", "")) or 0.0))
            except OverflowError:
                self.ended.append(began)

    def _end(self, tag: str) -> None:
        if self._open.pop() == "testsuite":
            self._inside.pop()


def _why(data: bytes, error: expat.ExpatError) -> str:
    if not data.strip():
        return "the file is empty"
    place = f"{expat.ErrorString(error.code)} at line {error.lineno} column {error.offset + 1}"
    return f"the XML is cut short: {place}" if error.code in _CUT else f"this is not XML: {place}"


def _seconds(said: str) -> float | None:
    """A time as runners write it; None where it is none."""
    word = said.strip()
    if not _SECONDS.fullmatch(word):
        return None
    figure = float(word.replace(",", ""))
    return figure if figure < float("inf") else None


def _benchmark(case: _Case, suite: str) -> Benchmark:
    name = case.said.get("name", "").strip()
    cut = name.find("[") if name.endswith("]") else -1
    name, variant = (name[:cut], name[cut:]) if cut > 0 else (name, "")
    place = _place(case.said.get("file", "").strip(), case.said.get("classname", "").strip(), case.pytest)
    return Benchmark(suite, masked("::".join([*place, name])), masked(variant))


def _place(file: str, classname: str, pytest: bool) -> list[str]:
    """File and classes of a test, as pytest writes them before its name."""
    if not classname:
        return []
    path = file.replace("\\", "/")
    module = path.removesuffix(".py").replace("/", ".")
    if path and f"{classname}.".startswith(f"{module}."):
        return [path, *filter(None, classname[len(module) + 1 :].split("."))]
    if not pytest:
        return [classname]
    parts = classname.split(".")
    cut = next((at for at, part in enumerate(parts) if at and part.startswith("Test")), len(parts))
    return [f"{'/'.join(parts[:cut])}.py", *parts[cut:]]
