"""From tables to intervals: atoms, synergy and accuracy over the identified set, each method by its name."""
