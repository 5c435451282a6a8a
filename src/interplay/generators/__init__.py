"""Data with known redundancy, uniqueness and synergy: each generator samples and tells its truth."""
