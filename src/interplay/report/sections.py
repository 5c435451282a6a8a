"""The parts of the report that are words: figures, certainty, assumptions, warnings, method, citation."""

import math

from interplay.report.document import Document, Gap, Range
from interplay.report.heat import heat_figure, read_knowledge
from interplay.report.numbers import table
from interplay.report.ranges import range_maps
from interplay.report.roc import roc_figure
from interplay.report.verdicts import gather, judge_promise, remedy
from interplay.report.words import count, esc, join, name, p_value, percent, percent_range, points, points_range, raw

MAPS_SHOWN = 6


def promise(document: Document) -> str:
    """What the held-out truth says about the guarantee, if it was revealed."""
    judged = judge_promise(document)
    if judged is None:
        return ""
    return f'<p class="promise-kept {judged.kind}"><b>{judged.title}</b> {esc(judged.sentence)}</p>'


def key_figures(document: Document) -> str:
    """Three numbers: alone, guaranteed, at most."""
    whole = document.whole
    single = whole.unimodal.get(document.best_single, Range())
    level = percent(whole.guarantee.confidence, 0)
    items = [
        (
            "Best single modality",
            percent(single.low),
            f"{name(document.best_single)}, {percent(single.confidence, 0)} CI {percent_range(*single.ci)}",
            "",
        ),
        (
            "Fused, guaranteed",
            f"≥ {percent(whole.guarantee.ci[0])}",
            f"with {level} confidence, however the modalities interact",
            "accent",
        ),
        ("Fused, at most", f"≤ {percent(whole.accuracy.ci[1])}", "for any model on the same codes of the features", ""),
        ("Certain gain", *_gain(whole.gain), ""),
    ]
    cards = "".join(
        f'<div class="{kind}"><dt>{title}</dt><dd><b>{value}</b><small>{note}</small></dd></div>'
        for title, value, note, kind in items
    )
    return f'<dl class="figures">{cards}</dl>'


def _gain(gain: Range) -> tuple[str, str]:
    """The gain that is certain, in points, with its interval."""
    if not gain.ci[0] > 0:
        level = f"{percent(gain.confidence, 0)} CI {points_range(*gain.ci)}"
        return ("none" if gain.ci[0] <= 0 else "n/a"), f"over the best single modality, {level}"
    most = points(gain.ci[1]).removesuffix(" points")
    return points(gain.ci[0]), f"at least, and {most} at most, over the best single modality in the same resamples"


def warnings(document: Document) -> str:
    """Each warning with what it means and what to do about it."""
    if not document.warnings:
        return _section("Warnings", "<p>None.</p>", "calm")
    items = ""
    for sentence in gather(document.warnings):
        advice = remedy(sentence)
        more = f"<small>{esc(advice)}</small>" if advice else ""
        items += f'<li dir="auto"><span>{esc(sentence)}</span>{more}</li>'
    return _section("Warnings", f'<ul class="warnings">{items}</ul>')


def next_steps(document: Document) -> str:
    """What to do next."""
    return _section("What to do next", _list(document.next_steps, "Nothing is suggested."))


def assumptions(document: Document) -> str:
    """What has to be true for the guarantee to hold."""
    return _section("What this assumes", _list(document.assumptions, "No assumptions are listed."))


def certainty(document: Document) -> str:
    """Sample sizes, confidence, how intervals were computed and whether the samples fit together."""
    rows = join(f"{count(n)} labelled rows of {name(m)}" for m, n in document.labeled_rows.items())
    pairs = count(document.pair_rows)
    confidence = percent(document.whole.guarantee.confidence, 0)
    whole = document.whole
    how = [("The guarantee", whole.guarantee), ("The range of the best model", whole.accuracy)]
    sentences = [
        esc(document.description),
        f"Computed from {rows} and {pairs} unlabelled pairs. No labelled pair was used." if rows else "",
        f"All intervals hold with {confidence} confidence: they cover everything the data leave open, and "
        "sampling error on top.",
        " ".join(f"{what}: {esc(e.how)}." for what, e in how if e.how),
        _mismatch(document),
    ]
    return _section("How sure is this?", "".join(f"<p>{s}</p>" for s in sentences if s))


def _mismatch(document: Document) -> str:
    p = document.whole.mismatch.get("all together", math.nan)
    if not math.isfinite(p):
        return "Whether the data sets describe one population was not tested."
    words = "They may not" if p < 0.05 else "Nothing speaks against it"
    return f"Do the data sets describe one population? {words} ({p_value(p)}, all shared margins together)."


def knowledge(document: Document) -> str:
    """Heat maps of the pairs, the chosen one first."""
    ranked = sorted(document.pairs, key=lambda a: a.modalities != document.chosen)
    known = [k for k in (read_knowledge(a, document.classes) for a in ranked) if k is not None]
    if not known:
        return ""
    first, *others = known[:MAPS_SHOWN]
    ranges, rest_of_maps = range_maps(first), "".join(heat_figure(k) for k in others)
    if len(document.classes) == 2:
        maps = heat_figure(first) + ranges + roc_figure(first) + rest_of_maps
    else:
        maps = heat_figure(first) + rest_of_maps + ranges
    rest = len(known) - MAPS_SHOWN
    more = f"<p>{rest} more pairs are in the JSON file.</p>" if rest > 0 else ""
    text = (
        "<p>Each modality is reduced to a few codes. A square is a pair of codes; its size shows how often the "
        "pair occurs and its number (and colour) what the fused model says there. <b>Filled</b>: that answer is "
        "right more often than not, however the modalities interact. <b>Outlined</b>: the data leave that open. "
        "Bars along the edges: how the classes divide given one modality alone. Point estimates from the "
        "reconciled tables; confidence intervals are given for the answers above, not for single cells.</p>"
    )
    content = f'{text}<div class="maps">{maps}</div>{more}'
    return f'<section class="full"><h2>What is known about each kind of pair</h2>{content}</section>'


def method_card(document: Document) -> str:
    """Settings, version and hashes: enough to repeat the run."""
    facts = [("interplay", name(document.version or "n/a"))]
    facts += [(name(k.replace("_", " ")), name(raw(v))) for k, v in document.settings.items()]
    facts += [(f"input {name(k)}", f"<code>{esc(v)}</code>") for k, v in document.inputs.items()]
    rows = "".join(f"<div><dt>{k}</dt><dd>{v}</dd></div>" for k, v in facts)
    text = (
        "<p>Codes are fitted on rows that do not fill the tables. The three tables (pairs; each modality with "
        "the label) are reconciled by maximum likelihood, and every answer is the range over all joint "
        "distributions that agree with them. Lower limits of accuracy and information also hold for the raw "
        "features, those of unique parts and synergy as far as the classifiers see them; upper ends hold for the "
        "codes.</p>"
    )
    return _section("Method card", f'{text}<dl class="card">{rows}</dl>{_gaps(document)}')


def _gaps(document: Document) -> str:
    """How far each solver's answer can be off, by certificates; empty for results without them."""
    rows = [
        [
            esc(g.what),
            f"<code>{esc(g.solver)}</code>",
            f"{_tiny(g.gap)} {esc(g.unit)}",
            _tiny(g.replicate_gap),
            _asked(g),
            count(g.tables),
        ]
        for g in document.whole.gaps
    ]
    if not rows:
        return ""
    head = ("what rests on it", "solver", "largest gap", "in resamples", "asked for", "tables solved")
    caption = (
        "Certificates: how far a solution can be from the optimum, computed from the returned point by code that knows "
        "no solver. The safe side of each gap is what is reported."
    )
    return table(head, rows, caption)


def _tiny(value: float) -> str:
    return f"{value:.1e}".replace("-", "−") if math.isfinite(value) else "n/a"


def _asked(gap: Gap) -> str:
    own, again = (_tiny(t) for t in gap.tolerance)
    if own == again:
        return own if math.isfinite(gap.tolerance[0]) else "the best in fixed steps"
    return f"{own}; {again} in resamples"


def citation(document: Document) -> str:
    """How to cite."""
    version = esc(document.version or "n/a")
    return _section(
        "How to cite",
        f"<p>interplay developers. <i>interplay: what is fusing modalities worth?</i> Version {version}.</p>"
        "<p>Liang, Ling, Cheng, Obolenskiy, Liu, Pandey, Wilf, Morency, Salakhutdinov. <i>Multimodal Learning "
        "Without Labeled Multimodal Data: Guarantees and Applications.</i> ICLR 2024, arXiv 2306.04539.</p>",
    )


def _section(title: str, content: str, kind: str = "") -> str:
    return f'<section class="{kind}"><h2>{title}</h2><div>{content}</div></section>'


def _list(sentences: tuple[str, ...], empty: str) -> str:
    if not sentences:
        return f"<p>{empty}</p>"
    return "<ul>" + "".join(f'<li dir="auto">{esc(s)}</li>' for s in sentences) + "</ul>"
