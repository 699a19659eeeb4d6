"""The demo project's history: a dozen commits by fixed people at fixed times, so that its hashes never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...repo import Repository
from . import benches, library

BRANCH = "main"
PULL_REQUEST = "speed-up-parser"
RELEASE = "v1.0"

ADA = "Ada Quill <ada@quill.example>"
NOOR = "Noor Haddad <noor@quill.example>"
TOMAS = "Tomás Lind <tomas@quill.example>"


@dataclass(frozen=True, slots=True)
class Step:
    """One commit: what it says, who made it, the files it writes, and what it replaces in files: (path, old, new)."""

    subject: str
    author: str
    files: Mapping[str, str] = field(default_factory=dict)
    edits: tuple[tuple[str, str, str], ...] = ()
    body: str = ""
    tag: str = ""


INDEX, QUERY, TOKENS = "src/quill/index.py", "src/quill/query.py", "src/quill/tokens.py"
PACKAGE, README = "src/quill/__init__.py", "README.md"

_STOP_WORDS_CHOSEN = (
    '''def tokenize(text):
    """The words of a text in lower case, without those that are too common to search for."""
    return [word for word in WORD.findall(text.lower()) if word not in STOP_WORDS]
''',
    '''def tokenize(text, stop_words=STOP_WORDS):
    """The words of a text in lower case, without those that are too common to search for."""
    stop_words = [word.lower() for word in stop_words]
    return [word for word in WORD.findall(text.lower()) if word not in stop_words]
''',
)
_STOP_WORDS_MENDED = (
    """    stop_words = [word.lower() for word in stop_words]
""",
    """    if stop_words is not STOP_WORDS:
        stop_words = frozenset(word.lower() for word in stop_words)
""",
)
_RANKED = (
    """            counts = self.postings.get(word, {})
            for name, count in counts.items():
                scores[name] = scores.get(name, 0.0) + count
""",
    """            counts = self.postings.get(word, {})
            weight = math.log((1 + len(self.lengths)) / (1 + len(counts)))
            for name, count in counts.items():
                scores[name] = scores.get(name, 0.0) + weight * count / self.lengths[name]
""",
)
_ONE_PASS = (
    """    query = Query()
    text = text.lower()
    query.phrases = re.findall(r'"([^"]+)"', text)
    text = re.sub(r'"[^"]*"', " ", text)
    query.must = re.findall(r"(?:^|\\s)\\+(\\w+)", text)
    query.without = re.findall(r"(?:^|\\s)-(\\w+)", text)
    text = re.sub(r"(?:^|\\s)[+-]\\w+", " ", text)
    query.words = re.findall(r"\\w+", text)
    return query
""",
    """    query = Query()
    piles = {"+": query.must, "-": query.without, "": query.words}
    for phrase, sign, word in PIECE.findall(text.lower()):
        if phrase:
            query.phrases.append(phrase)
        elif word:
            piles[sign].append(word)
    return query
""",
)
_LENGTH = """    def __len__(self):
        return len(self.lengths)

"""
_PIECE = """PIECE = re.compile(r'"([^"]*)"|(?:(?<!\\S)([+-]))?(\\w+)')

"""
_STABLE_TIES = (
    """                scores[name] = scores.get(name, 0.0) + weight * count / self.lengths[name]
""",
    """                scores[name] = scores.get(name, 0.0) + weight * count / self.lengths[name]
            scores = dict(sorted(scores.items(), key=lambda hit: (-hit[1], hit[0])))
""",
)

#: The commits of the main branch, oldest first. `PLANTED` makes tokenizing about three times slower, `MENDED` ends it.
MAIN: tuple[Step, ...] = (
    Step("Begin quill: words, queries and an index in memory", ADA, library.FILES),
    Step("Add benchmarks: pytest-benchmark for each part, asv for the whole", NOOR, benches.FILES),
    Step("Rank hits by how rare their words are", ADA, edits=((INDEX, *_RANKED),)),
    Step("Suggest spellings for words that nothing matches", TOMAS, {"src/quill/spelling.py": library.SPELLING}),
    Step(
        "Release 1.0", ADA, tag=RELEASE,
        edits=((PACKAGE, '"0.9"', '"1.0"'), ("pyproject.toml", 'version = "0.9"', 'version = "1.0"')),
    ),
    Step(
        "Describe the query language", NOOR,
        edits=((README, "The benchmarks", 'Queries know "whole phrases", +must and -without.\n\nThe benchmarks'),),
    ),
    Step(
        "Let an application choose its stop words", TOMAS, edits=((TOKENS, *_STOP_WORDS_CHOSEN),),
        body="They are compared in lower case, as the words of the text are.",
    ),
    Step(
        "Tell how many texts an index holds", NOOR,
        edits=((INDEX, "    def search(", _LENGTH + "    def search("),),
    ),
    Step(
        "Forget a text", ADA,
        edits=((INDEX, "    def search(", '''    def remove(self, name):
        """Forgets a text."""
        del self.lengths[name]
        for counts in self.postings.values():
            counts.pop(name, None)

    def search('''),),
    ),
    Step(
        "Look stop words up in a set again", ADA, edits=((TOKENS, *_STOP_WORDS_MENDED),),
        body="Searching a list for every word of every text made tokenizing three times slower.",
    ),
    Step(
        "Say that no query is an error", TOMAS,
        edits=((README, "The benchmarks", "What looks like a sign and is none is a word.\n\nThe benchmarks"),),
    ),
    Step(
        "Offer suggest() at the top", NOOR,
        edits=((PACKAGE, "from .tokens", "from .spelling import suggest\nfrom .tokens"),),
    ),
)  # fmt: skip
PLANTED, MENDED = 6, 9
#: The pull request leaves main before its last commit; its second commit makes searching two to three times slower.
FORK = 10
PULL: tuple[Step, ...] = (
    Step(
        "Parse queries in one pass", TOMAS,
        edits=(
            (QUERY, "dataclass, field\n\n", "dataclass, field\n\n" + _PIECE),
            (QUERY, *_ONE_PASS),
        ),
    ),
    Step("Give hits of the same score a stable order", TOMAS, edits=((INDEX, *_STABLE_TIES),)),
)  # fmt: skip

_FIRST_DAY = 1_709_543_700  # 2024-03-04 09:15 UTC, a Monday
_BETWEEN = 93_600  # a day and two hours


def create(directory: Path) -> Repository:
    """The demo project as a git repository in `directory`, with main checked out."""
    return Repository.create(directory, stream(), BRANCH)


def stream() -> bytes:
    """The whole history in the language of `git fast-import`."""
    parts: list[bytes] = []
    tree: dict[str, str] = {}
    trees: list[dict[str, str]] = []
    for number, step in enumerate(MAIN):
        tree = apply(tree, step)
        trees.append(tree)
        parts.append(_commit(step, number, BRANCH, tree, number - 1))
        if step.tag:
            parts.append(_tag(step, number))
    tree = trees[FORK]
    for number, step in enumerate(PULL, len(MAIN)):
        tree = apply(tree, step)
        parts.append(_commit(step, number, PULL_REQUEST, tree, FORK if number == len(MAIN) else number - 1))
    return b"".join(parts)


def apply(tree: Mapping[str, str], step: Step) -> dict[str, str]:
    """The files after a step."""
    after = {**tree, **step.files}
    for path, old, new in step.edits:
        if after[path].count(old) != 1:
            raise ValueError(f"{step.subject}: {path} holds {old!r} {after[path].count(old)} times")
        after[path] = after[path].replace(old, new)
    return after


def _commit(step: Step, number: int, branch: str, tree: Mapping[str, str], parent: int) -> bytes:
    who = f"{step.author} {_FIRST_DAY + number * _BETWEEN} +0000"
    message = step.subject + (f"\n\n{step.body}" if step.body else "") + "\n"
    lines = f"commit refs/heads/{branch}\nmark :{number + 1}\nauthor {who}\ncommitter {who}\n".encode()
    lines += _data(message)
    if parent >= 0:
        lines += f"from :{parent + 1}\n".encode()
    lines += b"deleteall\n"
    for path, text in sorted(tree.items()):
        lines += f"M 100644 inline {path}\n".encode() + _data(text)
    return lines + b"\n"


def _tag(step: Step, number: int) -> bytes:
    who = f"{step.author} {_FIRST_DAY + number * _BETWEEN} +0000"
    return f"tag {step.tag}\nfrom :{number + 1}\ntagger {who}\n".encode() + _data(f"quill {step.tag}\n")


def _data(text: str) -> bytes:
    raw = text.encode()
    return b"data %d\n%s\n" % (len(raw), raw)
