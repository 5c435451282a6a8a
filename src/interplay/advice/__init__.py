"""From answers to decisions: what to do next, in sentences."""
