"""Two results side by side: every shared estimate, how far it moved, and whether the intervals part."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from interplay.report.document import Document, Range, read_document

TOP = ("guarantee", "accuracy", "gain", "redundancy", "synergy", "total")
GAIN = "gain over best single"
TITLES = {
    "guarantee": "fused, guaranteed",
    "accuracy": "fused, best possible",
    "gain": GAIN,
    "total": "all together",
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One estimate in both results. apart: the confidence intervals have no point in common."""

    what: str
    before: Range
    after: Range

    @property
    def moved(self) -> tuple[float, float]:
        """Change of the low and of the high end; nan where one is missing."""
        return self.after.low - self.before.low, self.after.high - self.before.high

    @property
    def apart(self) -> bool:
        a, b = self.before.ci, self.after.ci
        return all(math.isfinite(v) for v in (*a, *b)) and (a[1] < b[0] or b[1] < a[0])


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """changes: of estimates that both have. notes: what differs in data, settings, version, modalities.

    verdicts: of both results.
    """

    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    verdicts: tuple[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, schema interplay/comparison/1."""
        return {
            "schema": "interplay/comparison/1",
            "verdicts": list(self.verdicts),
            "notes": list(self.notes),
            "changes": {
                c.what: {"before": _plain(c.before), "after": _plain(c.after), "apart": c.apart} for c in self.changes
            },
        }


def compare_documents(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compare two JSON twins. Raises InputError if one is of another schema or damaged."""
    a, b = read_document(before), read_document(after)
    ours, theirs = dict(_estimates(a)), dict(_estimates(b))
    changes = tuple(Change(what=w, before=e, after=theirs[w]) for w, e in ours.items() if w in theirs)
    return Comparison(changes=changes, notes=tuple(_notes(a, b)), verdicts=(a.verdict, b.verdict))


def _estimates(document: Document) -> Iterator[tuple[str, Range]]:
    whole = document.whole
    yield from ((f"{m} alone", e) for m, e in whole.unimodal.items())
    for key in TOP:
        yield TITLES.get(key, key), getattr(whole, key)
        if key == "redundancy":
            yield from ((f"unique to {m}", e) for m, e in whole.unique.items())


def _notes(a: Document, b: Document) -> Iterator[str]:
    if a.version != b.version:
        yield f"interplay {a.version or 'n/a'} before, {b.version or 'n/a'} after"
    if a.modalities != b.modalities:
        yield f"modalities {', '.join(a.modalities)} before, {', '.join(b.modalities)} after"
    if a.chosen != b.chosen:
        yield f"the fused model uses {' + '.join(a.chosen)} before, {' + '.join(b.chosen)} after"
    if a.classes != b.classes:
        yield "the classes differ, so bits and accuracies are of different questions"
    for key in sorted(set(a.settings) | set(b.settings)):
        before, after = a.settings.get(key), b.settings.get(key)
        if before != after:
            yield f"{key.replace('_', ' ')}: {before} before, {after} after"
    changed = sorted(k for k in set(a.inputs) | set(b.inputs) if a.inputs.get(k) != b.inputs.get(k))
    yield f"other data: {', '.join(changed)}" if changed else "the same data (by their hashes)"


def _plain(e: Range) -> dict[str, Any]:
    low, high, *ci = (v if math.isfinite(v) else None for v in (e.low, e.high, *e.ci))
    return {"low": low, "high": high, "ci": ci, "confidence": e.confidence, "unit": e.unit}
