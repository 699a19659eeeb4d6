"""A shop's catalogue: products and pages of a category from a database, behind a cache, with an event for each view."""
