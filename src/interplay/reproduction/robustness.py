"""Imperfect unimodal classifiers: bounds from tables with flipped labels, held to the clean truth."""

import numpy as np
from numpy.typing import NDArray

from interplay.bounds.decomposition import decompose_many
from interplay.datasets.discovery import load_set
from interplay.generators.discrete import NoisyViews
from interplay.information import Array, entropy, mutual_information
from interplay.quantification import quantify
from interplay.reproduction.drawing import Axis, Series, plot
from interplay.reproduction.methods import PROVEN, disagreement
from interplay.reproduction.real_data import pair_key, tasks
from interplay.reproduction.recipe import clusters, histogram, rows_of
from interplay.reproduction.study import Json, Part, Scope, Study, Verdict, chunked, figure, markdown_table
from interplay.reproduction.synthetic import uniform_joints
from interplay.solvers.coupling import coupling_upper_bound_many
from interplay.solvers.maxent import maximum_entropy_many
from interplay.solvers.synergy_max import largest_information_2x2x2
from interplay.solvers.union import union_information_many

NOISE = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
LOWER = ("maxent", "paper_disagreement", "disagreement_proven")
UPPER = ("coupling", "sharp")
MOST_ROWS = {False: 5_000, True: 900}
SHOWN = {"maxent": "S - low, sharp", "paper_disagreement": "S - low, c = 1", "coupling": "high - S"}
ROUNDING = 1e-9
VIEWS = NoisyViews(name="views of the promise", classes=2, flips=(0.15, 0.25), nuisance=3)


def parts(scope: Scope) -> list[Part]:
    """Uniform joints, real sets by the recipe, and promises of `quantify` on data with known truth."""
    work = []
    for number, count in enumerate(chunked(4_000 if scope.quick else 40_000, 10_000)):
        work.append(Part(key=f"joints-{number}", work=joints, arguments={"count": count, "seed": [scope.seed, number]}))
    work += [Part(key=pair_key(told), work=real_pair, arguments=told) for told in tasks(scope)]
    levels = (0.0, 0.4, 0.8) if scope.quick else NOISE[::2]
    for noise in levels:
        told = {"noise": noise, "runs": 2 if scope.quick else 10, "seed": scope.seed}
        work.append(Part(key=f"promise-{noise:g}", work=promises, arguments=told))
    return work


def joints(count: int, seed: list[int]) -> Json:
    """Sums over uniform 2x2x2 joints at each noise, when all labels of single modalities are flipped."""
    clean = uniform_joints((2, 2, 2), count, [*seed, 3])
    truth = decompose_many(clean).synergy
    return {"count": count, "synergy": float(truth.sum()), "joints": [_sums(clean, truth, noise) for noise in NOISE]}


def noisy_margins(joint: Array, noise: float) -> tuple[Array, Array, Array]:
    """Tables of joints (B, n1, n2, K) when a label is replaced, with probability `noise`, by a uniform one."""
    p12, p1y, p2y = joint.sum(3), joint.sum(2), joint.sum(1)
    k = joint.shape[3]
    one, two = ((1 - noise) * p + noise * p.sum(2, keepdims=True) / k for p in (p1y, p2y))
    return p12, one, two


def bounds_of(margins: tuple[Array, Array, Array], shifted: Array | None = None) -> dict[str, Array]:
    """Bounds (B,) from tables. shifted: joints in the identified set, for the sharp upper end of 2x2x2."""
    p12, p1y, p2y = margins
    union = union_information_many(p1y, p2y).value
    label, pair = entropy(p1y.sum(1), batch=1), entropy(p12, batch=1)
    unique = union - np.minimum(mutual_information(p1y, batch=1), mutual_information(p2y, batch=1))
    alpha = disagreement(*margins)
    largest = coupling_upper_bound_many(*margins)
    if shifted is not None:
        largest = np.minimum(largest, largest_information_2x2x2(shifted)[0])
    return {
        "maxent": pair + label - maximum_entropy_many(*margins).upper - union,
        "paper_disagreement": alpha - unique,
        "disagreement_proven": PROVEN * alpha - unique,
        "coupling": coupling_upper_bound_many(*margins) - union,
        "sharp": largest - union,
    }


def _sums(clean: Array, truth: Array, noise: float) -> Json:
    blurred = (1 - noise) * clean + noise * clean.sum(3, keepdims=True) / clean.shape[3]
    found = bounds_of(noisy_margins(clean, noise), blurred)
    held = (found["maxent"] <= truth + ROUNDING) & (found["sharp"] >= truth - ROUNDING)
    out: Json = {"noise": noise, "held": int(held.sum())}
    for name, value in found.items():
        gap = truth - value if name in LOWER else value - truth
        out[name] = {"gap": float(gap.sum()), "held": int((gap >= -ROUNDING).sum())}
    # only the classifiers inside alpha are imperfect; U1 and U2 are known
    atoms = decompose_many(clean)
    alpha = disagreement(*noisy_margins(clean, noise)) - np.maximum(*atoms.unique)
    out["alpha_only"] = {"gap": float((truth - alpha).sum()), "held": int((alpha <= truth + ROUNDING).sum())}
    return out


def real_pair(where: str, pair: list[str], seed: int, quick: bool, size: int) -> Json:
    """The recipe's bounds when the labels of the unimodal histograms are flipped, against S of the clean histogram."""
    data = load_set(where)
    rows = rows_of(data, MOST_ROWS[quick], seed)
    labels, k = data.labels[rows], data.class_count
    codes = [clusters(data.features[m][rows], seed) for m in pair]
    shape = (int(codes[0].max()) + 1, int(codes[1].max()) + 1, k)
    clean = histogram(codes[0], codes[1], labels, shape)[None] / len(rows)
    truth = float(decompose_many(clean).synergy[0])
    rng = np.random.default_rng([seed, len(rows), 9])
    curve = []
    for noise in NOISE:
        flipped = _flip(labels, noise, k, rng)
        joint = histogram(codes[0], codes[1], flipped, shape)[None] / len(rows)
        found = bounds_of((joint.sum(3), joint.sum(2), joint.sum(1)))
        curve.append({"noise": noise, **{name: float(value[0]) for name, value in found.items() if name != "sharp"}})
    return {"set": data.name, "pair": "+".join(pair), "rows": len(rows), "classes": k, "synergy": truth, "curve": curve}


def _flip(labels: NDArray[np.intp], noise: float, classes: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Each label replaced, with probability `noise`, by a uniformly drawn one."""
    return np.where(rng.random(len(labels)) < noise, rng.integers(classes, size=len(labels)), labels)


def promises(noise: float, runs: int, seed: int) -> Json:
    """Does the accuracy that `quantify` promises from noisy labels hold for clean ones?"""
    found: list[dict[str, float]] = []
    for run in range(runs):
        rng = np.random.default_rng([seed, run, round(10 * noise)])
        samples = [VIEWS.sample(n, int(rng.integers(2**31))) for n in (500, 500, 500, 4000)]
        one, two, both, test = samples
        result = quantify(
            labeled={
                "first": (one.first, _flip(one.labels, noise, VIEWS.classes, rng)),
                "second": (two.second, _flip(two.labels, noise, VIEWS.classes, rng)),
            },
            pairs={"first": both.first, "second": both.second},
            seed=run,
            replicates=100,
            workers=1,
        )
        reached = float(np.mean(result.fused.predict({"first": test.first, "second": test.second}) == test.labels))
        found.append({"promised": result.guarantee.ci[0], "reached": reached})
    return {"promise": {"noise": noise, "runs": found}}


def combine(found: list[Json]) -> Json:
    """Mean gaps and coverage at each noise."""
    mine = [part for part in found if "joints" in part]
    n = sum(part["count"] for part in mine)
    curve = []
    for at, noise in enumerate(NOISE):
        sums = [part["joints"][at] for part in mine]
        row: Json = {"noise": noise, "covered": sum(s["held"] for s in sums) / n}
        for name in (*LOWER, *UPPER, "alpha_only"):
            row[name] = {key: sum(s[name][key] for s in sums) / n for key in ("gap", "held")}
        curve.append(row)
    real = [part for part in found if "curve" in part]
    held, asked = 0, 0
    for part in real:
        for row in part["curve"]:
            asked += 1
            held += row["maxent"] <= part["synergy"] + ROUNDING and row["coupling"] >= part["synergy"] - ROUNDING
    promised = [_promise(part["promise"]) for part in found if "promise" in part]
    return {
        "joints": n,
        "mean_synergy": sum(part["synergy"] for part in mine) / n,
        "curve": curve,
        "real": real,
        "real_pairs": len(real),
        "real_curves_asked": asked,
        "real_curves_held": held,
        "promises": promised,
        "promise_runs": sum(p["runs"] for p in promised),
        "promises_kept": sum(p["kept"] for p in promised),
    }


def _promise(part: Json) -> Json:
    runs = part["runs"]
    return {
        "noise": part["noise"],
        "runs": len(runs),
        "promised": float(np.mean([r["promised"] for r in runs])),
        "reached": float(np.mean([r["reached"] for r in runs])),
        "kept": sum(r["promised"] <= r["reached"] for r in runs),
    }


def judge(results: Json) -> Verdict:
    """Stable means that the gaps grow little; they hold S because noise moves both ends outwards, or not."""
    clean, noisy = results["curve"][0], results["curve"][-1]
    sentence = (
        f"on {results['joints']:,} uniform joints S minus the sharp lower end grows from "
        f"{clean['maxent']['gap']:.3f} to {noisy['maxent']['gap']:.3f} at noise {noisy['noise']:.1f}, where S "
        f"itself is {results['mean_synergy']:.3f} on average: the lower end loses what it says; the upper end minus "
        f"S goes from {clean['sharp']['gap']:.3f} to {noisy['sharp']['gap']:.3f} (sharp) and from "
        f"{clean['coupling']['gap']:.3f} to {noisy['coupling']['gap']:.3f} (coupling); the sharp range of tables "
        f"with noisy labels holds the clean S of {noisy['covered']:.1%} of the joints; by the recipe on "
        f"{results['real_pairs']} real pairs the range holds S {results['real_curves_held']} of "
        f"{results['real_curves_asked']} times; {results['promises_kept']} of {results['promise_runs']} accuracies "
        "promised from noisy labels are reached on clean ones."
    )
    return Verdict(status="Reproduced, but", sentence=sentence)


def body(results: Json) -> str:
    """Curves as tables."""
    head = ["noise", "S - low, sharp", "held", "S - low, c = 1", "held", "the same, classifiers only", "held"]
    head += ["S - low, proven c", "held", "high - S, coupling", "held", "high - S, sharp", "held", "range holds S"]
    order = ("maxent", "paper_disagreement", "alpha_only", "disagreement_proven", "coupling", "sharp")
    rows = [
        [f"{r['noise']:.1f}"]
        + [text for name in order for text in (figure(r[name]["gap"]), f"{r[name]['held']:.1%}")]
        + [f"{r['covered']:.1%}"]
        for r in results["curve"]
    ]
    return (
        "Noise: the probability that a label is replaced by a uniformly drawn one. The truth is always S of the "
        "clean joint.\n\n"
        f"## {results['joints']:,} uniform 2x2x2 joints, exact tables\n\nAll labels of single modalities are noisy; "
        '"classifiers only": noise reaches the two classifiers whose disagreement is measured, but not U1 and U2.\n\n'
        + markdown_table(head, rows)
        + "\n"
        + _real(results)
        + "\n"
        + _promises(results)
    )


def _real(results: Json) -> str:
    rows = []
    for r in results["real"]:
        for key, label in SHOWN.items():
            sign = -1 if key == "coupling" else 1
            gaps = [figure(sign * (r["synergy"] - row[key])) for row in r["curve"]]
            rows.append([f"{r['set']} {r['pair']}, {label}", figure(r["synergy"]), *gaps])
    return (
        "## Real sets, by the paper's recipe\n\nBounds from histograms with noisy labels of the unimodal tables; S "
        "from the "
        "histogram with clean ones.\n\n" + markdown_table(["set, gap", "S", *(f"{noise:.1f}" for noise in NOISE)], rows)
    )


def _promises(results: Json) -> str:
    rows = [
        [f"{p['noise']:.1f}", figure(p["promised"]), figure(p["reached"]), f"{p['kept']} of {p['runs']}"]
        for p in results["promises"]
    ]
    return (
        "## Promises of interplay\n\nTwo noisy views of a label, 500 rows a set, labels of both sets noisy: the "
        "mean accuracy promised at 95% confidence, the mean accuracy of the fused classifier on 4,000 clean rows, "
        "and how often the promise was kept. Noise that is the same for all classes makes promises smaller, not "
        "wrong.\n\n" + markdown_table(["noise", "promised", "reached", "kept"], rows)
    )


def pictures(results: Json) -> dict[str, str]:
    """Gaps of the joints against noise."""
    names: dict[str, str] = {
        "maxent": "S minus lower, sharp",
        "paper_disagreement": "S minus lower, disagreement with c = 1",
        "coupling": "upper minus S, coupling",
        "sharp": "upper minus S, sharp",
    }
    series = [
        Series(name=label, points=[(row["noise"], row[key]["gap"]) for row in results["curve"]], joined=True)
        for key, label in names.items()
    ]
    x = Axis(label="label noise", low=0.0, high=0.8, ticks=[0, 0.2, 0.4, 0.6, 0.8])
    y = Axis(label="mean gap, bits", low=0.0, high=1.0, ticks=[0, 0.25, 0.5, 0.75, 1.0])
    return {"robustness-noise": plot("Gaps against label noise, uniform 2x2x2 joints", x, y, series)}


STUDY = Study(
    name="robustness",
    title="Imperfect unimodal classifiers (label noise 0 to 0.8)",
    claim="The bounds are stable when the unimodal classifiers are imperfect: S minus the lower bound and the upper "
    "bound minus S change little for label noise from 0 to 0.8 (UR-FUNNY and MOSI).",
    why="Label noise makes single modalities look less informative, so lower ends fall towards 0 and say less, and the "
    "coupling bound rises towards the trivial one: both hold because they are far from S. The sharp upper end is "
    "near S, and tables with noisy labels describe another joint, so it can miss; the mismatch test cannot see "
    "noise that both labelled sets share.",
    parts=parts,
    combine=combine,
    judge=judge,
    body=body,
    pictures=pictures,
)
