"""Classifiers of pairs that are made, chosen and certified without one labelled pair."""
