"""A service for online courses: it keeps them, and writes their chapters."""
