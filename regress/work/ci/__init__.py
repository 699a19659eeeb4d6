"""`regress ci`: a whole CI job in one command, or a part of one.

request     what the job was asked
plan        what it is to do, step after step, and why or why not; asks nobody and does nothing
screen      who is told of it, while it goes on
steps       each step: pull, run, take, bundle, check, reports, post, push, site
job         step after step, to one exit status
"""

from .job import open_job, run_job
from .plan import Intent, Job
from .request import CiRequest
from .screen import Done, Mark, Screen

__all__ = ["CiRequest", "Done", "Intent", "Job", "Mark", "Screen", "open_job", "run_job"]
