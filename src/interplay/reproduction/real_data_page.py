"""The page and the pictures of the real-data study, from its results alone."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from interplay.reproduction.drawing import Axis, Span, intervals
from interplay.reproduction.study import Json, figure, markdown_table

CONVERT = """data = pandas.read_pickle("mosi_raw.pkl")
keys = ("vision", "audio", "text", "labels")
numpy.savez("mosi.npz", **{f"{split}_{key}": numpy.asarray(data[split][key]) for split in data for key in keys})
"""


def body(results: Json) -> str:
    """The paper's numbers with chance, and ours."""
    return "\n".join(
        (_published_text(results), _recipe_text(results), _ours_text(results), _layouts_text(results["refused"]))
    )


def _published_text(results: Json) -> str:
    top = [
        [r["set"]] + [f"{figure(r['means'][k])} ({_quoted(r['quoted'][k])})" for k in ("synergy", "lower", "upper")]
        for r in results["table_1"]
    ]
    chance = {c["published"]: c for c in results["chance_of_printed"]}
    rows = [
        [
            f"{r['set']} {r['pair']}",
            *(figure(v) for v in (r["redundancy"], *r["unique"], r["synergy"])),
            *(_of_chance(chance.get(r["set"]), key) for key in ("mean", "high")),
            *(figure(r[k]) for k in ("lower_redundancy", "lower_disagreement", "upper", "ceiling")),
        ]
        for r in results["printed"]
    ]
    head = ["printed by the notebook", "R", "U1", "U2", "S", "S by chance", "95%", "low, redundancy", "low, c = 1"]
    head += ["high", "high + R + U1 + U2"]
    return (
        "## What was published\n\nMeans over pairs of the notebook's printed outputs, and in brackets what Table 1 "
        "says as quoted.\n\n"
        + markdown_table(["set", "S", "lower bound (redundancy)", "upper bound"], top)
        + "\nBy chance: S of independent codes with 20 equally likely clusters a modality, at the size of the "
        "test split (more uneven clusters give less). The last column is the same for every pair of a set where "
        "the upper bound is "
        f"the trivial one, I <= H(Y): {', '.join(results['sets_with_one_ceiling'])}.\n\n" + markdown_table(head, rows)
    )


def _quoted(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _of_chance(chance: Json | None, key: str) -> str:
    return "-" if chance is None else figure(chance[key])


def _recipe_text(results: Json) -> str:
    rows = []
    for r in results["rows"]:
        p = r["recipe"]
        chance = [f"{figure(p['independent']['mean'])} ({figure(p['independent']['p_value'], 2)})"]
        chance += [figure(p[k]["mean"]) for k in ("no_synergy", "least_synergy")]
        rows.append(
            [f"{r['set']} {r['pair']}", f"{r['rows']:,}", str(r["classes"]), figure(p["redundancy"])]
            + [figure(u) for u in p["unique"]]
            + [figure(p["synergy"]), *chance, f"{p['least_synergy']['p_value']:.3f}", _range(p["interval"])]
            + [figure(p["lower"][k]) for k in ("paper_redundancy", "paper_disagreement", "maxent")]
            + [figure(p["upper"]["coupling_three"])]
        )
    head = ["set and pair", "rows", "classes", "R", "U1", "U2", "S", "S if independent", "S if none", "S if least", "p"]
    head += ["95% interval", "low, redundancy", "low, c = 1", "low, sharp", "high"]
    return (
        "## The paper's recipe on sets that we have\n\nTest rows (or all, where the set has no split), normalised, "
        "PCA to 5, k-means to 20, histogram; all parts of the data are the same rows, as in the paper. If "
        "independent: mean S with shuffled labels and, in brackets, how often these reach S (a test of "
        "independence). If none: mean S of samples from the joint with the same labelled tables and no synergy "
        "(its pairs are tied closer than the real ones, so it errs low). If least: of samples from the joint with "
        "the same three pairwise tables and the least synergy; p: how often these reach S. Synergy above both the "
        "shuffled and the least one is more than chance and more than the tables already tell; where the least one "
        "is as large, the pairwise tables alone imply it. Rows of one subject, video or actor depend on each "
        "other, "
        "so p is too small there. Interval: basic bootstrap of S on these codes; it may lie below 0.\n\n"
        + markdown_table(head, rows)
    )


def _range(ends: Sequence[float]) -> str:
    return f"{figure(ends[0])} to {figure(ends[1])}"


def _ours_text(results: Json) -> str:
    rows, refused = [], []
    for r in results["rows"]:
        ours, name = r["ours"], f"{r['set']} {r['pair']}"
        if "refused" in ours:
            refused.append(f"- {name}: {ours['refused']}")
            continue
        keys = ("redundancy", "synergy", "total", "accuracy", "guarantee")
        codes = " and ".join(map(str, ours["codes"]))
        shown = [_range(ours[k]["ci"]) for k in keys[:3]] + [_range(np.clip(ours[k]["ci"], 0, 1)) for k in keys[3:]]
        rows.append([name, codes, *shown])
    head = ["set and pair", "codes", "redundancy", "synergy", "total", "best accuracy", "guaranteed accuracy"]
    return (
        "## The same rows without labelled pairs, by interplay\n\nA third of the rows labelled for the first "
        "modality, a third for the second, a third as unlabelled pairs; 95% confidence intervals of the identified "
        "ranges. Codes are quantiles of each modality's own classifier, so these are other variables than the "
        "clusters above.\n\n"
        + markdown_table(head, rows)
        + ("\nRefused, with the reason:\n\n" + "\n".join(refused) + "\n" if refused else "")
    )


def _layouts_text(refused: list[str]) -> str:
    listed = "".join(f"- {sentence}\n" for sentence in refused)
    return (
        "## Sets of yours\n\n`--data DATA` names a folder with `.npz` archives (`modalities`, `X_<modality>`, `y`, "
        "`split` with 2 for test rows, `group`), MultiBench's MOSI, MOSEI, UR-FUNNY or MUStARD as `.npz` "
        "(`test_vision`, `test_audio`, `test_text`, `test_labels`), an AV-MNIST folder (`image/test_data.npy`, "
        "`audio/test_data.npy`, `test_labels.npy`) or an ENRICO folder (`design_topics.csv`, `screenshots/`, "
        "`wireframes/`; needs Pillow). Missing, infinite and overflowing values become 0 and are counted; lengths "
        "must agree. Pickles are refused; convert them once, where you trust them:\n\n"
        f"```python\n{CONVERT}```\n" + (f"\nRefused in this run:\n\n{listed}" if refused else "")
    )


def pictures(results: Json) -> dict[str, str]:
    """Synergy by the recipe against chance, for ours and for the published outputs."""
    spans = [_span(r["set"] + " " + r["pair"], r["recipe"]) for r in results["rows"]]
    highest = max([s.high for s in spans] + [m[0] for s in spans for m in s.marks])
    keys = (
        "S by the recipe (bar: its 95% interval, bootstrap)",
        "mean S if labels are shuffled",
        "mean S of samples with equal pairwise tables and least synergy",
    )
    title = "Synergy by the paper's recipe, and by chance"
    out = {"real-data-recipe": intervals(title, _bits_axis(highest), spans, keys)}
    chance = {c["published"]: c for c in results["chance_of_printed"]}
    printed = [
        Span(
            name=f"{r['set']} {r['pair']}",
            low=0.0,
            high=chance[r["set"]]["high"],
            marks=((r["synergy"], 0), (chance[r["set"]]["mean"], 1)),
        )
        for r in results["printed"]
        if r["set"] in chance
    ]
    told = ("S printed by the notebook", "mean S of independent codes (bar: up to 95%)")
    highest = max(m[0] for s in printed for m in s.marks)
    out["real-data-published"] = intervals("Published synergy, and by chance", _bits_axis(highest), printed, told)
    return out


def _span(name: str, p: dict[str, Any]) -> Span:
    marks = ((p["synergy"], 0), (p["independent"]["mean"], 1), (p["least_synergy"]["mean"], 2))
    low, high = p["interval"]
    return Span(name=name, low=max(low, 0.0), high=max(high, 0.0), marks=marks)


def _bits_axis(highest: float) -> Axis:
    step = 0.1 if highest <= 0.8 else 0.25 if highest <= 2 else 0.5
    count = math.ceil(highest / step)
    return Axis(label="bits", low=0.0, high=count * step, ticks=[round(i * step, 2) for i in range(count + 1)])
