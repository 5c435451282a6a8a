"""A result as plain data: the JSON twin of the report, schema interplay/result/1."""

import json
import math
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from interplay.estimation.resolution import ResolutionCurve
from interplay.information import entropy
from interplay.results import Estimate

if TYPE_CHECKING:
    from interplay.pair_analysis import PairResult
    from interplay.quantification import Result

SCHEMA = "interplay/result/1"
CHEAP_CELLS = 500  # up to so many (code, code, class) cells robustness takes less than a second
WORTH_LABELS = 0.9  # share of the width that labels must be expected to undercut for their curve to be shown
ASSUMPTIONS = (
    "The labelled rows of each modality and the unlabelled pairs are random samples of one population.",
    "Rows are independent, or independent between groups where groups were given.",
    "Lower ends (accuracy, guarantee, total information, redundancy) hold for the raw modalities as well as for "
    "their codes; upper ends, unique parts and synergy describe the codes only.",
)

RESOLVED = {
    "accuracy": (
        "Best fused accuracy",
        "Low ends hold for the modalities themselves at every number of codes; high ends hold for these codes only.",
    ),
    "total": (
        "Total information",
        "Low ends hold for the modalities themselves at every number of codes; high ends hold for these codes only.",
    ),
    "synergy": ("Synergy", "Of these codes only: it can be more or less than that of the modalities themselves."),
}


def to_document(result: "Result") -> dict[str, Any]:
    """Plain dicts, lists, strings and numbers; nan and infinity become None."""
    samples, settings = result.samples, result.settings
    chosen = result.chosen
    label = chosen.reconciled.first.sum(0)
    small = math.prod(chosen.reconciled.shape) <= CHEAP_CELLS
    document = {
        "schema": SCHEMA,
        "version": version("interplay"),
        "settings": {
            "confidence": settings.confidence,
            "seed": settings.seed,
            "codes": settings.codes,
            "code_counts": dict(settings.code_counts),
            "classifiers": dict(settings.classifiers),
            "folds": settings.folds,
            "replicates": settings.replicates,
        },
        "modalities": list(samples.names),
        "classes": [str(c) for c in samples.classes],
        "sizes": {
            "labeled": {n: len(s.labels) for n, s in samples.labeled.items()},
            "pairs": samples.pair_count,
        },
        "label_entropy": float(entropy(label)),
        "majority": float(label.max()),
        "unimodal": {n: estimate_document(e) for n, e in result.unimodal.items()},
        "best_single": result.best_single,
        **_pair_answers(chosen),
        "pairs": [_pair(p) for p in result.pairs.values()],
        "chosen_pair": list(result.chosen_pair),
        "warnings": list(result.warnings),
        "assumptions": list(ASSUMPTIONS),
        "verdict": result.verdict,
        "next_steps": list(result.next_steps),
        "resolution": result.resolution.to_dict(),
        "curves": [
            *([_narrowing_curve(result), _robustness_curve(chosen)] if small else []),
            *(_resolution_curve(result.resolution, answer) for answer in RESOLVED if result.resolution.points),
        ],
        "truth": None,
        "inputs": dict(result.inputs),
    }
    return plain(document)


def to_text(document: dict[str, Any]) -> str:
    """JSON text, the same bytes for the same document."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)


def _pair_answers(pair: "PairResult") -> dict[str, Any]:
    return {
        "accuracy": estimate_document(pair.accuracy),
        "guarantee": estimate_document(pair.guarantee),
        "gain": estimate_document(pair.gain),
        "ladder": [{"rung": r.rung, "accuracy": r.accuracy, "assumption": r.assumption} for r in pair.ladder],
        "redundancy": estimate_document(pair.redundancy),
        "unique": {n: estimate_document(e) for n, e in pair.unique.items()},
        "synergy": estimate_document(pair.synergy),
        "total": estimate_document(pair.total),
        "information": {n: estimate_document(e) for n, e in pair.information.items()},
        "mismatch": {
            "p_values": dict(pair.mismatch.p_values),
            "p_value": pair.mismatch.p_value,
            "disagreeing": list(pair.mismatch.disagreeing()),
            "fit": pair.mismatch.fit,
            "cause": pair.mismatch.cause(),
            "shares": {n: list(w) for n, w in pair.mismatch.shares.items()},
        },
        "certificates": [asdict(p) for p in pair.proofs],
    }


def _narrowing_curve(result: "Result") -> dict[str, Any]:
    """Expected width of the accuracy interval against the number of labelled pairs."""
    points = result.narrowing
    now, last = points[0], points[-1]
    wide = f"The interval of the best fused accuracy is {100 * now.expected:.1f} points wide"
    if last.expected < WORTH_LABELS * now.expected:
        note = (
            f"{wide}; after {last.labels} labels, drawn as a label plan would, about {100 * last.expected:.1f} are "
            f"expected (solid line), {100 * last.worst:.1f} if labels tell as little as they can (dashed). "
            "A model, not a bound."
        )
    else:
        points = points[:1]
        note = f"{wide}. {last.labels or 'More'} labels would hardly narrow it: what is left is sampling error."
    return {
        "title": "If some pairs were labelled",
        "note": note,
        "x_label": "labelled pairs",
        "unit": "probability",
        "shows": "width",
        "points": [{"at": float(n.labels), "low": n.expected, "high": n.worst, "ci": None} for n in points],
    }


def _robustness_curve(pair: "PairResult") -> dict[str, Any]:
    curve = pair.robustness
    value = curve.breakdown
    at = min(value, 1.0)
    note = (
        f"Fusing stays above the better single modality ({curve.reference:.1%}) until {at:.1%} of the rows of each "
        "labelled table are wrong in the worst way."
        if value > curve.smallest
        else f"Plug-in, fusing is not above the better single modality ({curve.reference:.1%}) even if they are right."
    )
    points = zip(curve.slack, curve.low, strict=True)
    return {
        "title": "If the labelled tables are wrong",
        "note": note,
        "x_label": "share of rows that may be wrong",
        "x_unit": "probability",
        "unit": "probability",
        "breakdown": value,
        "points": [{"at": float(s), "low": float(low), "high": None, "ci": None} for s, low in points],
    }


def _resolution_curve(curve: ResolutionCurve, answer: str) -> dict[str, Any]:
    """One answer against the number of codes, as a curve of the report."""
    estimates = [(p.codes, getattr(p, answer)) for p in curve.points]
    return {
        "title": f"{RESOLVED[answer][0]}, by number of codes",
        "note": RESOLVED[answer][1],
        "x_label": "codes a modality",
        "unit": estimates[0][1].unit,
        "points": [{"at": float(at), "low": e.low, "high": e.high, "ci": list(e.ci)} for at, e in estimates],
    }


def _pair(pair: "PairResult") -> dict[str, Any]:
    return {
        "modalities": list(pair.names),
        **_pair_answers(pair),
        "tables": pair.reconciled.to_dict(),
        "rule": pair.fused.decisions.tolist(),
    }


def estimate_document(e: Estimate) -> dict[str, Any]:
    """One estimate as plain data."""
    return {
        "low": e.low,
        "high": e.high,
        "ci": list(e.ci),
        "ci_point": list(e.ci_point),
        "limits": list(e.limits),
        "confidence": e.confidence,
        "unit": e.unit,
        "how": e.how,
        "p_value": e.p_value,
    }


def plain(value: Any) -> Any:
    """Dicts, lists, text and numbers that JSON can hold: nan and infinity become None."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
