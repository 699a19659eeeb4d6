"""Numbers in, numbers out. This package knows no benchmark."""
