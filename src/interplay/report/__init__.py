"""The report: one self-contained HTML page made from the JSON twin of a result."""

from interplay.report.html import render

__all__ = ["render"]
