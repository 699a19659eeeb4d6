"""Watches resources while something runs: a process with all its descendants, the machine, and gauges of the user's.

sample      one sample, and the columns it has
tree        a process and its descendants: CPU time, memory, bytes read and written, context switches
threads     what Linux tells of each thread
allowance   how many cores and how much memory there are to use: the machine's, or what a container is allowed
machine     the whole machine: its memory, its disk, its load, and how much of the CPU others take
probe       gauges that somebody else knows: a command, a URL, SQL
sampler     takes a sample every so often, in a thread, and says what that costs
figures     the samples as metrics of a suite, as minimum, mean and maximum, and whether the machine was busy
course      some of them over time, thinned for a picture
apart       several trees side by side: what one took is nobody else's
limits      limits that are judged while it runs
csv         the samples as a file, a line at a time

    with Sampler(pid) as sampler:
        …                                       # until what is watched has ended
    for metric, value in figures(sampler.samples): …
    reason = busy(sampler.samples)              # "" on a quiet machine
"""

from .allowance import Allowance, allowance, cores_in_words
from .apart import Watched, apart
from .course import MOST, courses
from .csv import CsvFile
from .figures import BUSY_MEMORY, BUSY_SHARE, Spread, busy, figures, spreads
from .limits import Event, Guard, Kept, guards
from .probe import Probe, probe_of
from .sample import COLUMNS, GROWING, SHARES, Gauge, Sample
from .sampler import DEFAULT_INTERVAL, LONGEST, MOST_COST, SHORTEST, Pace, Sampler
from .tree import Tree

__all__ = [
    "BUSY_MEMORY", "BUSY_SHARE", "COLUMNS", "DEFAULT_INTERVAL", "GROWING", "LONGEST", "MOST", "MOST_COST", "SHARES",
    "SHORTEST", "Allowance", "CsvFile", "Event", "Gauge", "Guard", "Kept", "Pace", "Probe", "Sample", "Sampler",
    "Spread", "Tree", "Watched", "allowance", "apart", "busy", "cores_in_words", "courses", "figures", "guards",
    "probe_of", "spreads",
]  # fmt: skip
