"""Real data that needs no network."""
