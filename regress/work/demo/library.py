"""The library of the demo project: `quill`, a full-text search for small things, as its first commit has it."""

PACKAGE = '''"""quill: a full-text search for notes, recipes and other small things."""

from .index import Index
from .query import parse
from .tokens import tokenize

__version__ = "0.9"
'''

TOKENS = '''"""From text to words."""

import re

WORD = re.compile(r"[^\\W_]+(?:'[^\\W_]+)?")

STOP_WORDS = frozenset(
    "a about after all also an and any are as at be been but by can could did do for from had has have he her him his "
    "how i if in into is it its more no not of on one or our out she so some than that the their them then there these "
    "they this to up us was we were what when which who will with would you your".split()
)


def tokenize(text):
    """The words of a text in lower case, without those that are too common to search for."""
    return [word for word in WORD.findall(text.lower()) if word not in STOP_WORDS]
'''

QUERY = '''"""What people type into the search box: words, "whole phrases", +must and -without."""

import re
from dataclasses import dataclass, field


@dataclass
class Query:
    words: list = field(default_factory=list)
    phrases: list = field(default_factory=list)
    must: list = field(default_factory=list)
    without: list = field(default_factory=list)


def parse(text):
    """Reads a query. What cannot be read as a sign is a word: searching is no place for syntax errors."""
    query = Query()
    text = text.lower()
    query.phrases = re.findall(r'"([^"]+)"', text)
    text = re.sub(r'"[^"]*"', " ", text)
    query.must = re.findall(r"(?:^|\\s)\\+(\\w+)", text)
    query.without = re.findall(r"(?:^|\\s)-(\\w+)", text)
    text = re.sub(r"(?:^|\\s)[+-]\\w+", " ", text)
    query.words = re.findall(r"\\w+", text)
    return query
'''

INDEX = '''"""An inverted index in memory."""

import heapq
import math

from .query import parse
from .tokens import tokenize


class Index:
    """Which word stands in which text, and how often."""

    def __init__(self):
        self.postings = {}
        self.lengths = {}

    def add(self, name, text):
        """Adds a text under a name."""
        words = tokenize(text)
        self.lengths[name] = len(words)
        for word in words:
            counts = self.postings.setdefault(word, {})
            counts[name] = counts.get(name, 0) + 1

    def search(self, text, limit=10):
        """The best hits for a query as (name, score), the best one first."""
        query = parse(text)
        scores = {}
        for word in query.words + query.must:
            counts = self.postings.get(word, {})
            for name, count in counts.items():
                scores[name] = scores.get(name, 0.0) + count
        for word in query.without:
            for name in self.postings.get(word, {}):
                scores.pop(name, None)
        return heapq.nlargest(limit, scores.items(), key=lambda hit: hit[1])
'''

SAMPLES = '''"""Made-up texts for examples and benchmarks: the same ones on every machine."""

import random

STEMS = "amber barley cedar ember fennel ginger hazel juniper kettle lantern maple nutmeg olive pepper quince".split()
ENDINGS = "broth cake dough glaze jam loaf pie roast salad sauce soup stew syrup tart tea wine".split()
SMALL = "a and for from in into is it of on some that the then this to with your".split()


def texts(count, words=120, seed=7):
    """Pairs of a name and a text in which about every third word is a small one."""
    chance = random.Random(seed)
    nouns = [stem + ending for stem in STEMS for ending in ENDINGS]
    for number in range(count):
        text = (chance.choice(SMALL if chance.random() < 0.34 else nouns) for _ in range(words))
        yield f"recipe {number}", " ".join(text)


def queries(count, seed=11):
    """Queries of some six words, with a sign here and there."""
    chance = random.Random(seed)
    nouns = [stem + ending for stem in STEMS for ending in ENDINGS]
    for _ in range(count):
        words = chance.sample(nouns, 8)
        yield f'{" ".join(words[:6])} "{words[6]} {words[0]}" -{words[7]}'
'''

SPELLING = '''"""Did you mean …? Words of an index that are one slip of the finger away."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def slips(word):
    """Every string that one deletion, swap, exchange or insertion makes of a word."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    yield from (left + right[1:] for left, right in halves if right)
    yield from (left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1)
    yield from (left + letter + right[1:] for left, right in halves if right for letter in LETTERS)
    yield from (left + letter + right for left, right in halves for letter in LETTERS)


def suggest(word, known):
    """The known words that a mistyped one may have meant, in order of the alphabet."""
    return sorted(known.intersection(slips(word)))
'''

README = """# quill

A full-text search for notes, recipes and other small things, in a few pages of Python.

    from quill import Index

    index = Index()
    index.add("monday", "Soup of barley, with fennel.")
    index.search("fennel soup")

The benchmarks stand in `benchmarks/` (pytest-benchmark) and `asv_suite/` (asv); `regress` keeps their history.
"""

FILES = {
    "README.md": README,
    "src/quill/__init__.py": PACKAGE,
    "src/quill/tokens.py": TOKENS,
    "src/quill/query.py": QUERY,
    "src/quill/index.py": INDEX,
    "src/quill/samples.py": SAMPLES,
}
