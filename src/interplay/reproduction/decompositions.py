"""Other decompositions on data with one kind of interaction, and on the sibling paper's latent-variable sets."""

import numpy as np

from interplay.generators.catalog import VIEWS
from interplay.generators.discrete import GATES
from interplay.generators.latent import LatentVariables
from interplay.information import Array, mutual_information, to_bits
from interplay.reproduction.drawing import Axis, Span, intervals
from interplay.reproduction.published import SIBLING_NATS
from interplay.reproduction.recipe import CLUSTERS, clusters, histogram
from interplay.reproduction.rivals import MEASURES, dit_measures
from interplay.reproduction.study import Json, Part, Scope, Study, Verdict, figure, markdown_table

NOISE = 0.2
ATOMS = ("R", "U1", "U2", "S")
RIGHT = 5e-3  # bits: a measure is right on a joint when each atom is this near; the solvers of others are coarse
COMPONENTS = 2  # the sibling's recipe: PCA to 2, k-means to 20, on the test rows
MIXED = ("and", "or", "and, second inside first")
PURE = {"redundant": 0, "unique first": 1, "unique second": 2, "xor": 3}  # gate -> its only atom


def pure_joints() -> dict[str, tuple[Array, list[float]]]:
    """Joints with one interaction and their atoms: all information is of that kind, noise only takes some away."""
    out = {}
    gates = {g.name: g.joint for g in GATES}
    for name, atom in PURE.items():
        for label, joint in ((name, gates[name]), (f"{name}, noisy label", _noisy(gates[name]))):
            atoms = [0.0] * 4
            atoms[atom] = float(mutual_information(joint))
            out[label] = joint, atoms
    sums = np.zeros((3, 3, 3))
    for a in range(3):
        for b in range(3):
            sums[a, b, (a + b) % 3] = 1 / 9
    out["sum of two digits modulo 3"] = sums, [0.0, 0.0, 0.0, float(mutual_information(sums))]
    return out


def mixed_joints() -> dict[str, tuple[Array, list[float]]]:
    """Joints with several interactions, whose atoms follow from a short argument (see the generators)."""
    known = [g for g in GATES if g.name in (*MIXED, "copy")]
    found = {g.name: (g.joint, list(g.truth().atoms)) for g in known}
    return found | {v.name: (v.joint, list(v.truth().atoms)) for v in VIEWS}


def _noisy(joint: Array) -> Array:
    """The label is replaced, with probability NOISE, by a fair coin."""
    return (1 - NOISE) * joint + NOISE * joint.sum(2, keepdims=True) / joint.shape[2]


def parts(scope: Scope) -> list[Part]:
    """Exact joints, and one part a latent-variable set."""
    size = {"rows": 1_000 if scope.quick else 3_000, "draws": 2_000 if scope.quick else 20_000, "seed": scope.seed}
    settings = list(SIBLING_NATS)[:4] if scope.quick else list(SIBLING_NATS)
    latents = [Part(key=f"latent-{s}", work=latent, arguments={"setting": s, **size}) for s in settings]
    return [Part(key="pure", work=pure, arguments={}), *latents]


def pure() -> Json:
    """Each measure on each joint."""
    rows = []
    joints = [("one", *item) for item in pure_joints().items()] + [
        ("several", *item) for item in mixed_joints().items()
    ]
    for kind, name, (joint, truth) in joints:
        found = {label: list(measure(joint)) for label, measure in MEASURES.items()}
        found |= {label: list(atoms) for label, atoms in dit_measures(joint).items()}
        rows.append({"name": name, "kind": kind, "truth": truth, "measures": found})
    return {"pure": rows}


def latent(setting: str, rows: int, draws: int, seed: int) -> Json:
    """Each measure on the recipe's histogram of one latent-variable set, and the truth of the distribution."""
    g = LatentVariables(setting=setting, draws=draws)
    sample = g.sample(rows, seed + 1)
    codes = [clusters(x, seed, components=COMPONENTS) for x in (sample.first, sample.second)]
    joint = histogram(codes[0], codes[1], sample.labels, (int(codes[0].max()) + 1, int(codes[1].max()) + 1, 2)) / rows
    return {
        "setting": setting,
        "rows": rows,
        "truth": list(g.truth().atoms),
        "printed": [float(to_bits(nats)) for nats in SIBLING_NATS[setting]],
        "measures": {label: list(measure(joint)) for label, measure in MEASURES.items()},
    }


def combine(found: list[Json]) -> Json:
    """How often, and by how much, each measure is right."""
    rows = next(part["pure"] for part in found if "pure" in part)
    names = list(dict.fromkeys(label for row in rows for label in row["measures"]))
    scores = {}
    for name in names:
        scores[name] = {
            kind: _score([row for row in rows if row["kind"] == kind and name in row["measures"]], name)
            for kind in ("one", "several")
        }
    latents = [part for part in found if "setting" in part]
    ours = next(iter(MEASURES))
    return {
        "pure": rows,
        "scores": scores,
        "latents": latents,
        "latent_sets": len(latents),
        "components": COMPONENTS,
        "clusters": CLUSTERS,
        "mean_error_to_printed": float(np.mean([_off(p["measures"][ours], p["printed"]) for p in latents])),
        "mean_error_to_truth": float(np.mean([_off(p["measures"][ours], p["truth"]) for p in latents])),
        "mean_error_of_printed": float(np.mean([_off(p["printed"], p["truth"]) for p in latents])),
    }


def _score(rows: list[Json], name: str) -> Json:
    off = [_off(row["measures"][name], row["truth"]) for row in rows]
    return {"joints": len(off), "right": sum(o <= RIGHT for o in off), "largest_error": max(off, default=0.0)}


def _off(atoms: list[float], truth: list[float]) -> float:
    """Largest error of an atom in bits."""
    return max(abs(a - t) for a, t in zip(atoms, truth, strict=True))


def judge(results: Json) -> Verdict:
    """Who is right on which joints, and what the sibling's recipe gives."""
    scores, ours = results["scores"], next(iter(MEASURES))
    told = ", ".join(f"{name} {_counts(score)}" for name, score in scores.items())
    sentence = (
        f"exact atoms on joints of one interaction and of several: {told}; on {results['latent_sets']} "
        f"latent-variable sets the sibling's recipe (PCA to {results['components']}, {results['clusters']} "
        f"clusters) gives atoms off by {results['mean_error_to_truth']:.2f} bits in the worst one on average, and "
        f"the printed figures are off by {results['mean_error_of_printed']:.2f} from the truth of these "
        "distributions."
    )
    right = all(score["right"] == score["joints"] for score in scores[ours].values())
    return Verdict(status="Reproduced" if right else "Not reproduced", sentence=sentence)


def _counts(score: Json) -> str:
    one, several = score["one"], score["several"]
    return f"{one['right']} of {one['joints']} and {several['right']} of {several['joints']}"


def body(results: Json) -> str:
    """Atoms of each measure."""
    rows = [
        [
            row["name"],
            label,
            *(figure(a) for a in atoms),
            *(["yes"] if _off(atoms, row["truth"]) <= RIGHT else ["**no**"]),
        ]
        for row in results["pure"]
        for label, atoms in ({"*truth*": row["truth"]} | row["measures"]).items()
    ]
    score = [
        [name, *(f"{s[k]['right']} of {s[k]['joints']}" for k in ("one", "several")), figure(_largest(s))]
        for name, s in results["scores"].items()
    ]
    latents = [
        [part["setting"], label, *(figure(a) for a in atoms), figure(_off(atoms, part["truth"]))]
        for part in results["latents"]
        for label, atoms in (
            {"*truth of the distribution*": part["truth"], "*printed by the sibling*": part["printed"]}
            | part["measures"]
        ).items()
    ]
    dit = "" if any(name.startswith("dit") for name in results["scores"]) else " dit was not installed for this run."
    return (
        f"## Exact joints\n\nRight: every atom within {RIGHT:g} bits. Measures of the package dit join where it is "
        f"installed (small joints only).{dit} Joints of several: and, or, copy and noisy views; there the truth "
        "uses that unique information depends on the labelled tables alone.\n\n"
        + markdown_table(["measure", "one interaction", "several", "largest error"], score)
        + "\n"
        + markdown_table(["joint", "measure", *ATOMS, "right"], rows)
        + f"\n## Latent-variable sets, by the sibling's recipe\n\n{results['latents'][0]['rows']:,} rows a set; "
        "largest error of an atom against the truth of the distribution.\n\n"
        + markdown_table(["set", "measure", *ATOMS, "largest error"], latents)
    )


def _largest(score: Json) -> float:
    return max(part["largest_error"] for part in score.values())


def pictures(results: Json) -> dict[str, str]:
    """Largest error of each measure on the exact joints."""
    spans = [Span(name=name, low=0.0, high=_largest(s)) for name, s in results["scores"].items()]
    x = Axis(
        label="largest error of an atom on the exact joints, bits", low=0.0, high=1.0, ticks=[0, 0.25, 0.5, 0.75, 1.0]
    )
    return {"decompositions-errors": intervals("Decompositions of joints whose atoms are known", x, spans, ())}


STUDY = Study(
    name="decompositions",
    title="Other decompositions on data of one interaction",
    claim="On synthetic data that have only redundancy, only unique information or only synergy, this decomposition is "
    "more consistent with the ground truth than I-min, whole-minus-sum and conditional independence.",
    why="The measures agree where only one interaction is present, except conditional independence, which takes shared "
    "noise for unique information; they part where several are. The latent-variable sets are continuous: clusters "
    "and few rows change their atoms more than the choice of the measure does.",
    parts=parts,
    combine=combine,
    judge=judge,
    body=body,
    pictures=pictures,
)
