import sys


class Thing:
    pass


class Suite:
    params = ([10, 1000], ["list", "dict"])
    param_names = ["n", "kind"]

    def setup(self, n, kind):
        if n == 1000 and kind == "dict":
            raise NotImplementedError("skipped on purpose")
        self.data = list(range(n))

    def time_sum(self, n, kind):
        if n == 10 and kind == "dict":
            raise ValueError("fails on purpose")
        sum(self.data)

    def mem_data(self, n, kind):
        return self.data

    def peakmem_data(self, n, kind):
        return list(self.data)


class Objects:
    params = [Thing(), len]
    param_names = ["what"]

    def time_repr(self, what):
        repr(what)


class Unnamed:
    params = [1, 2]

    def track_ratio(self, n):
        return n / 4

    track_ratio.unit = "%"


def time_plain():
    sorted(range(100))


def time_fails():
    raise RuntimeError("fails on purpose")


def track_latency():
    return 12.5


track_latency.unit = "ms"


def track_count():
    return 42


def track_unit_of_its_own():
    return 3.5


track_unit_of_its_own.unit = "widgets"


def timeraw_import():
    return "import json"
