"""Machines: tables in, a solution and its certificate out; no file here knows a sample."""
