"""How fast the service is: one request after the other (pytest), and under load (Locust)."""
