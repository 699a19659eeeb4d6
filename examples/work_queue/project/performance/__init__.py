"""What is measured of the queue: submission and claiming, recovery, and a steady load."""
