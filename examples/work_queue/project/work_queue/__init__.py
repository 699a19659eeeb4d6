"""A queue of steps that several pods share: each claims what is ready, does it, and says so."""
