"""The use cases, one a file: they join the rooms, and neither print nor know the command line."""
