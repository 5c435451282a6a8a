"""Any JSON answer as CSV: one row for each estimate or number, named by its place in the answer."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

COLUMNS = ("what", "value", "low", "high", "ci_low", "ci_high", "confidence", "unit")
LARGE = ("tables", "rule", "classifier", "schema")  # tables of numbers, which JSON carries better


def csv_rows(document: Mapping[str, Any]) -> str:
    """CSV text with a header (RFC 4180): an estimate fills low to unit, any other number or text fills value."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(document, ""))
    return stream.getvalue().removesuffix("\r\n")


def _rows(value: Any, name: str) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, Mapping) and {"low", "high"} <= set(value):
        low, high = value.get("ci") or (None, None)
        yield name, None, value["low"], value["high"], low, high, value.get("confidence"), value.get("unit")
    elif isinstance(value, Mapping):
        for key, child in value.items():
            if key not in LARGE:
                yield from _rows(child, f"{name}.{key}" if name else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for at, child in enumerate(value):
            yield from _rows(child, f"{name}[{_label(child, at)}]")
    else:
        yield (name, value, *[None] * (len(COLUMNS) - 2))


def _label(child: Any, at: int) -> str:
    """An element of a list by its modalities or its place."""
    names = child.get("modalities") if isinstance(child, Mapping) else None
    return " + ".join(map(str, names)) if names else str(at)
