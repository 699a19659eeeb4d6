"""Pure decisions: facts in, opinions out. Nothing here reads a file, a database or a repository.

rules     what the configuration says of one benchmark and metric: a Policy
compare   pairs two sides and states the facts: Comparisons
noise     how far runs of the same code lie apart
verdict   Outcomes, Verdicts, and the table of exit statuses
baseline  chooses the commit to compare with
"""
