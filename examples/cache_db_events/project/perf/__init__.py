"""The team's measurements: each part by itself, whole requests, the optimisations on and off, and the load."""
