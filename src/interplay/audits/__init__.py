"""Audits: what is wrong with data before anything is computed from them."""
