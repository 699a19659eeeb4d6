#!/bin/sh
# The alerts, said while they happen; CPU, memory and the depth of the queue go to samples.csv.
# Ends with 1 where a limit was broken, else as the command that is watched.
ready="SELECT count(*) FROM steps WHERE state = 'ready'"
failed="SELECT avg(state = 'failed') FROM steps"
exec regress monitor --interval '0.1 s' --csv samples.csv --json alerts.json \
    --probe "backlog=sqlite:///queue.db#$ready" --probe "failures=sqlite:///queue.db#$failed" \
    --limit 'cpu < 80%' --limit 'rss < 1000 MB' --limit "machine_memory < ${MEMORY_LIMIT:-90%}" \
    --limit "disk < ${DISK_LIMIT:-90%}" --limit 'backlog < 1000' --limit 'failures < 10%' \
    -- python -m performance.load
