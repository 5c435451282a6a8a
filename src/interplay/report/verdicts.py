"""Judgements that the report and the terminal share: was the promise kept, what does a warning ask for."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from interplay.report.document import Document
from interplay.report.words import percent

ONE_SIDED = 1.645  # standard errors
NAMED = 3  # sets or pairs that a gathered warning names


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """kind: "kept", "open" or "broken"."""

    kind: str
    title: str
    sentence: str


def judge_promise(document: Document) -> Judgement | None:
    """Compare the guarantee with the held-out accuracy; None if no truth was revealed.

    A held-out accuracy below the promise by less than 1.645 of its standard errors is not evidence
    against the promise, and is called so.
    """
    fused, error = document.truth.get("fused", math.nan), document.truth.get("fused_se", math.nan)
    promised = document.whole.guarantee.ci[0]
    if not (math.isfinite(fused) and math.isfinite(promised)):
        return None
    told = f"Promised at least {percent(promised)}; measured {percent(fused)}"
    rows = document.truth.get("rows", math.nan)
    told += f" on {rows:,.0f} held-out pairs" if math.isfinite(rows) else ""
    told += f" (standard error {percent(error)})." if math.isfinite(error) else "."
    if fused >= promised:
        return Judgement(kind="kept", title="Promise kept.", sentence=told)
    if fused + ONE_SIDED * error >= promised:
        more = " The difference is within the sampling error of the held-out pairs."
        return Judgement(kind="open", title="Promise not contradicted.", sentence=told + more)
    more = " The held-out pairs contradict the guarantee: check that all sets come from one population."
    return Judgement(kind="broken", title="Promise broken.", sentence=told + more)


REMEDIES = (
    (
        ("resamples",),
        "Meaning: each resample of such large tables takes seconds, so the sampling error is known less well. Remedy: "
        "merge rare classes, or pass codes= to make smaller tables.",
    ),
    (
        ("also among the pairs", "copies"),
        "Meaning: a row that occurs twice is not two samples, so intervals may be too narrow. Remedy: draw the sets "
        "apart, drop the copies, or pass groups.",
    ),
    (
        ("constant", "duplicate", "dropped"),
        "Meaning: these columns carry nothing new. Remedy: none needed; check the feature extractor if you "
        "expected them to vary.",
    ),
    (
        ("mismatch", "disagree", "population", "shift"),
        "Meaning: the guarantee is about one population and the sets look like different ones. Remedy: sample "
        "them alike, or give the known class shares (prior).",
    ),
    (
        ("few rows", "small", "sparse", "fewer"),
        "Meaning: intervals are wide because there is little data. Remedy: add labelled rows or unlabelled "
        "pairs, or use fewer codes.",
    ),
    (
        ("kink", "inflated", "biased"),
        "Meaning: the point value is on the optimistic side. Remedy: rely on the confidence interval, not on "
        "the point.",
    ),
    (
        ("group",),
        "Meaning: rows that belong together count as less than independent rows. Remedy: pass the column that "
        "names the groups.",
    ),
)


def remedy(sentence: str) -> str:
    """What a warning means and what to do about it; empty if it says so itself."""
    lower = sentence.lower()
    return next((advice for words, advice in REMEDIES if any(word in lower for word in words)), "")


def gather(sentences: Iterable[str]) -> tuple[str, ...]:
    """Warnings that say the same of several sets or pairs ("a and b: ...") as one sentence each, in order."""
    said: dict[str, list[str]] = {}
    for sentence in sentences:
        where, colon, what = sentence.partition(": ")
        said.setdefault(what if colon else sentence, []).append(where if colon else "")
    return tuple(f"{_several(where)}: {what}" if where[0] else what for what, where in said.items())


def _several(where: list[str]) -> str:
    more = len(where) - NAMED
    return "; ".join(where[:NAMED]) + (f" and {more} more" if more > 0 else "")
