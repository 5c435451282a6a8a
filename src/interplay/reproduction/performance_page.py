"""The page and the pictures of the performance study, from its results alone."""

from interplay.reproduction.drawing import Axis, Series, Span, intervals, plot
from interplay.reproduction.study import Json, figure, markdown_table

TICKS = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def body(results: Json) -> str:
    """The published table computed again, our estimates, our correlations."""
    return "\n".join((_published(results), _rows(results), _quality(results), _correlations(results)))


def _published(results: Json) -> str:
    rows = [
        [r["set"], *(f"{figure(c['computed'])} ({_quoted(c['quoted'])})" for c in r["cells"].values())]
        for r in results["published_table"]
    ]
    return (
        "## The published estimates\n\nTheorem 5, 2^(I - H(Y)) and (I + 1)/log2 K, with the true I = R + U1 + U2 + "
        "S of the notebook's printed outputs, mean over pairs; in brackets what Table 3 says as quoted. An "
        "accuracy above 1 is not an accuracy; with the bounds on S instead of the true S, two classes have an "
        "upper side near H(Y) + 1 = 2.\n\n" + markdown_table(["set", "upper", "lower", "middle"], rows)
    )


def _quoted(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _rows(results: Json) -> str:
    rows = []
    for r in results["rows"]:
        best = [figure(r["best"][k]) for k in ("unimodal", "simple", "complex")]
        spans = [_interval(r[name]) if name in r else "-" for name in ("oracle", "honest", "ours")]
        error = max(m["error"] for m in r["actual"].values())
        name = f"{r['set']} {r['pair']}"
        rows.append([name, f"{r['rows']:,}", str(r["classes"]), *best, figure(error), *spans])
    head = [
        "set and pair",
        "rows",
        "classes",
        "unimodal",
        "simple",
        "complex",
        "±",
        "true I",
        "bounds on S",
        "interplay",
    ]
    return (
        "## Estimates and actual accuracy on sets that we have\n\nBest cross-validated accuracy of unimodal models "
        "(logistic regression, forest), simple ones of both (logistic regression on both, mean of two) and complex "
        "ones (forest on both, products of components); ±: the largest of their standard errors. Estimates: the "
        "paper's formulas on its recipe's histogram of the same rows, with the true I and with its bounds on S; "
        "interplay: the 95% interval of the best accuracy of both on codes, from disjoint thirds without a "
        "labelled pair.\n\n"
        + markdown_table(head, rows)
        + "".join(f"\n{r['set']} {r['pair']}: {r['refused']}\n" for r in results["rows"] if "refused" in r)
    )


def _interval(e: Json) -> str:
    return f"{figure(e['low'], 2)} to {figure(e['high'], 2)}"


def _quality(results: Json) -> str:
    names = {"oracle": "paper, true I", "honest": "paper, bounds on S", "ours": "interplay"}
    rows = [
        [
            names[name],
            str(q["pairs"]),
            *(figure(q[k]) for k in ("mean_error_unclipped", "mean_error", "mean_width")),
            f"{q['holding']} of {q['pairs']}",
        ]
        for name, q in results["estimates"].items()
        if q["pairs"]
    ]
    head = ["estimate", "pairs", "middle off by", "the same, clipped", "width, clipped", "holds the best multimodal"]
    return "## RQ1: is the estimate near the actual performance?\n\n" + markdown_table(head, rows)


def _correlations(results: Json) -> str:
    rows = [
        [c["question"], c["estimate"], str(c["pairs"]), figure(c["correlation"], 2), _ends(c["interval"])]
        for c in results["correlations"]
    ]
    told = [
        [f"*paper: {c['of']}*", "-", str(c["sets"]), figure(c["correlation"], 2), _ends(c["interval"])]
        for c in results["published_correlations"]
    ]
    return (
        "## RQ2 and RQ3: does it say whether to add a modality, and which fusion?\n\nCorrelation of the middle of "
        "each estimate with the actual figures, over pairs of modalities; intervals resample whole data sets. The "
        "paper's are over data sets, with Fisher's interval for so few.\n\n"
        + markdown_table(["with", "estimate", "n", "correlation", "95% interval"], [*rows, *told])
    )


def _ends(interval: list[float] | None) -> str:
    return "-" if interval is None else f"{figure(interval[0], 2)} to {figure(interval[1], 2)}"


def pictures(results: Json) -> dict[str, str]:
    """Our intervals with actual accuracies; the paper's middle against the actual accuracy."""
    spans = [
        Span(
            name=f"{r['set']} {r['pair']}",
            low=max(r["ours"]["low"], 0.0),
            high=min(r["ours"]["high"], 1.0),
            marks=tuple((r["best"][k], i) for i, k in enumerate(("unimodal", "simple", "complex"))),
        )
        for r in results["rows"]
        if "ours" in r
    ]
    axis = Axis(label="accuracy", low=0.0, high=1.0, ticks=TICKS)
    keys = ("best unimodal", "best simple fusion", "best complex fusion")
    title = "95% interval of the best accuracy without labelled pairs (bar), and actual models"
    series = [
        Series(name=label, points=[(r["best"]["multimodal"], r[key]["middle"]) for r in results["rows"]])
        for key, label in (("oracle", "middle with the true I"), ("honest", "middle with the bounds on S"))
    ]
    y = Axis(label="paper's estimate", low=0.0, high=1.8, ticks=[*TICKS, 1.2, 1.4, 1.6, 1.8])
    x = Axis(label="best cross-validated multimodal accuracy", low=0.0, high=1.0, ticks=TICKS)
    return {
        "performance-interplay": intervals(title, axis, spans, keys),
        "performance-paper": plot("The paper's estimate against actual accuracy", x, y, series, size=6),
    }
