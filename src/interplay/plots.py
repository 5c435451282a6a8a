"""Pictures of a result for notebooks: each takes and returns matplotlib Axes (extra `plot`)."""

import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from interplay.errors import InputError, MissingExtraError
from interplay.report.document import Answers, Document, Range, read_document
from interplay.report.heat import Knowledge, read_knowledge
from interplay.report.words import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, OPEN, PROMISE, QUIET = "#1f2a33", "#e0a030", "#1f6f78", "#8a949c"  # told apart in grey as well


class HasDocument(Protocol):
    """A `Result`, or anything else that writes the JSON twin."""

    def to_dict(self) -> dict[str, Any]: ...


Source = HasDocument | Mapping[str, Any]


def plot_accuracy(result: Source, *, ax: "Axes | None" = None) -> "Axes":
    """Accuracies on one line: each modality alone, guaranteed, possible, under assumptions.

    result: a `Result` or its document. Points are estimates, thin lines confidence intervals, thick lines ranges
    that the data leave open. Raises MissingExtraError without matplotlib.
    """
    document, axes = _document(result), _axes(ax)
    whole = document.whole
    rows = [(f"{m} alone", e, INK) for m, e in whole.unimodal.items()]
    rows += [("fused, guaranteed", whole.guarantee, PROMISE), ("fused, best possible", whole.accuracy, OPEN)]
    labels = _draw_ranges(axes, rows)
    for rung, accuracy, _ in whole.ladder[1:-1]:
        axes.plot([accuracy], [len(labels)], marker="s", mfc="none", mec=INK, ls="none")
        labels.append(f"if {rung}")
    single = whole.unimodal.get(document.best_single, Range()).low
    if math.isfinite(single):
        axes.axvline(single, color=QUIET, ls=":", zorder=0)
    _finish(axes, labels, f"accuracy ({percent(whole.guarantee.confidence, 0)} confidence)")
    return axes


def plot_interactions(result: Source, *, ax: "Axes | None" = None) -> "Axes":
    """Redundancy, unique parts, synergy and total as ranges in bits, with confidence intervals.

    result: a `Result` or its document. The dotted line is the label's whole uncertainty H(Y).
    """
    document, axes = _document(result), _axes(ax)
    whole = document.whole
    rows = [("redundancy", whole.redundancy, INK), *((f"unique to {m}", e, INK) for m, e in whole.unique.items())]
    rows += [("synergy", whole.synergy, OPEN), ("all together", whole.total, OPEN)]
    labels = _draw_ranges(axes, rows)
    if math.isfinite(document.entropy):
        axes.axvline(document.entropy, color=QUIET, ls=":", zorder=0)
    _finish(axes, labels, "bits about the label (dotted: all of them)")
    return axes


def plot_codes(result: Source, *, pair: Sequence[str] | None = None, ax: "Axes | None" = None) -> "Axes":
    """Heat map of a pair of modalities: how surely the fused model's answer is right for each pair of codes.

    pair: two modality names (default: the chosen pair). Color is the low end of p(answer | codes); the text in a
    cell is its range in percent; cells without pairs are empty. Raises InputError for a pair without tables.
    """
    document, axes = _document(result), _axes(ax)
    known = _knowledge(document, tuple(pair or document.chosen))
    low, high = known.decided
    seen = known.pairs > 0
    axes.imshow(np.where(seen, low, np.nan), vmin=0, vmax=1, cmap="cividis", aspect="auto")
    for i, j in zip(*np.nonzero(seen), strict=True):
        ink = "white" if low[i, j] < 0.5 else "black"
        text = f"{known.classes[known.rule[i, j]]}\n{100 * low[i, j]:.0f} to {100 * high[i, j]:.0f}"
        axes.text(j, i, text, ha="center", va="center", color=ink, fontsize="small", parse_math=False)
    _ticks(axes, known)
    return axes


def plot_pairs(result: Source, *, ax: "Axes | None" = None) -> "Axes":
    """Every pair of modalities, the best guarantee on top: what is guaranteed and what is possible."""
    document, axes = _document(result), _axes(ax)
    ranked = sorted(document.pairs, key=lambda a: -_first(a.guarantee.ci[0]))
    labels: list[str] = []
    for at, answers in enumerate(ranked):
        _draw_range(axes, at - 0.15, answers.guarantee, PROMISE)
        _draw_range(axes, at + 0.15, answers.accuracy, OPEN)
        labels.append(_pair_name(answers))
    _finish(axes, labels, "accuracy: guaranteed (upper), possible (lower)")
    return axes


def _pair_name(answers: Answers) -> str:
    return " + ".join(answers.modalities)


def _first(value: float) -> float:
    return value if math.isfinite(value) else -1.0


def _document(result: Source) -> Document:
    return read_document(result if isinstance(result, Mapping) else result.to_dict())


def _knowledge(document: Document, pair: tuple[str, ...]) -> Knowledge:
    for answers in document.pairs:
        known = read_knowledge(answers, document.classes) if set(answers.modalities) == set(pair) else None
        if known is not None:
            return known
    raise InputError(
        f"no tables of {' and '.join(map(repr, pair))}",
        expected=f"a pair among {[_pair_name(a) for a in document.pairs]}",
        next_step="pass pair=(first, second)",
    )


def _axes(ax: "Axes | None") -> "Axes":
    """The given Axes, or new ones on a figure of their own."""
    if ax is not None:
        return ax
    try:
        pyplot = import_module("matplotlib.pyplot")
    except ImportError as error:
        raise MissingExtraError(
            "matplotlib is not installed",
            expected="the extra 'plot'",
            next_step="pip install 'interplay[plot]', or save_report, which needs nothing more",
        ) from error
    return pyplot.subplots(layout="constrained")[1]


def _draw_ranges(axes: "Axes", rows: Sequence[tuple[str, Range, str]]) -> list[str]:
    for at, (_, estimate, color) in enumerate(rows):
        _draw_range(axes, at, estimate, color)
    return [label for label, _, _ in rows]


def _draw_range(axes: "Axes", at: float, e: Range, color: str) -> None:
    """A thin line for the confidence interval, a thick one for the range, a dot where the range is a point."""
    axes.plot(list(e.ci), [at, at], color=color, lw=1.2, marker="|", ms=8)
    if e.high - e.low > 1e-9:
        axes.plot([e.low, e.high], [at, at], color=color, lw=7, solid_capstyle="butt", alpha=0.6)
    else:
        axes.plot([e.low], [at], color=color, marker="o", ls="none")


def _finish(axes: "Axes", labels: Sequence[str], what: str) -> None:
    axes.set_yticks(range(len(labels)), labels, parse_math=False)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlabel(what)
    axes.spines[["top", "right"]].set_visible(False)


def _ticks(axes: "Axes", known: Knowledge) -> None:
    rows, columns = known.pairs.shape
    axes.set_yticks(range(rows), [str(i + 1) for i in range(rows)])
    axes.set_xticks(range(columns), [str(j + 1) for j in range(columns)])
    axes.set_ylabel(f"code of {known.names[0]}", parse_math=False)
    axes.set_xlabel(f"code of {known.names[1]}", parse_math=False)
