"""One commit run many times: how noisy its benchmarks are, how often gates would be wrong, which rules would fit.

runs     measures and stores; `calibrate` is the use case
figures  what the runs say of each series, and of the gates
rules    what they propose, and where that is written
"""

from .rules import written
from .runs import FEWEST, TAG, CalibrateRequest, Step, calibrate

__all__ = ["FEWEST", "TAG", "CalibrateRequest", "Step", "calibrate", "written"]
