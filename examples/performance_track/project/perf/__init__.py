"""The six phases of the performance track."""
