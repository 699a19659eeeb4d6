"""Pure decisions: facts in, opinions out. Nothing here reads a file, a database or a repository.

rules     what the configuration says of one benchmark and metric: a Policy
compare   pairs two sides and states the facts: Comparisons
noise     how far runs of the same code lie apart
verdict   Outcomes, Verdicts, and the table of exit statuses
baseline  chooses the commit to compare with
timeline  the measured commits in order, and the facts of their runs
changes   from the points of series to their change points
causes    from the change points of many series to causes, with ids that stay
posterior what noisy measurements say of which commit made a step
bisect    which commit to measure next, and when the culprit is known
step      the largest step of a series, and the smallest that a search can see
"""
