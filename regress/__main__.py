"""`python -m regress`."""

from .cli import main

main()
