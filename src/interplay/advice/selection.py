"""Which families of fusion models fit how the modalities interact, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from interplay.advice.collection import plain_estimate
from interplay.errors import InputError

if TYPE_CHECKING:
    from interplay.pair_analysis import PairResult
    from interplay.quantification import Result

Family = Literal[
    "single", "ensemble", "agreement", "early", "additive", "tensor", "low_rank", "multiplicative", "cross_attention"
]
FAMILIES: tuple[Family, ...] = (
    "single", "ensemble", "agreement", "early", "additive", "tensor", "low_rank", "multiplicative", "cross_attention",
)  # fmt: skip
SMALL = 0.005  # half a point of accuracy: not worth a second modality, or an interaction
MANY_CLASSES = 10  # from which a full tensor of hidden features costs more than it knows


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One family: its standing and the reason in words."""

    family: Family
    standing: Literal["recommended", "possible", "not needed"]
    reason: str


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """Families in the order to try. profile: the ranges that decided, by name."""

    names: tuple[str, str]
    advice: tuple[Advice, ...]
    profile: Mapping[str, Any]
    verdict: str

    @property
    def recommended(self) -> tuple[Family, ...]:
        """Families to train, best bet first; several where the ranges do not decide."""
        return tuple(a.family for a in self.advice if a.standing == "recommended")

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, schema interplay/recommendation/1."""
        return {
            "schema": "interplay/recommendation/1",
            "modalities": list(self.names),
            "verdict": self.verdict,
            "recommended": list(self.recommended),
            "advice": [{"family": a.family, "standing": a.standing, "reason": a.reason} for a in self.advice],
            "profile": {k: v if isinstance(v, float | dict) else plain_estimate(v) for k, v in self.profile.items()},
        }

    def __str__(self) -> str:
        return "\n".join([self.verdict, "", *(f"{a.family} ({a.standing}): {a.reason}" for a in self.advice)])


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What decides, from ranges only. Accuracies in points of probability, on codes.

    useless: no classifier gains SMALL over the best single modality. likely: gain at maximum entropy, which additive
    log odds reach. room: how much more than that the most favourable joint allows. redundant: share of the identified
    information (redundancy and both unique parts) that both modalities carry. lopsided: how much larger a share of
    it is unique to one modality than to the other.
    """

    names: tuple[str, str]
    best: str
    useless: bool
    likely: float
    room: float
    redundant: float
    lopsided: float
    classes: int
    sequences: bool


def recommend_models(result: "Result | PairResult", *, sequences: bool = False) -> Recommendation:
    """Fusion families for two modalities, from the ranges of their interactions.

    result: of `interplay.quantify` (its chosen pair), or one of its `pairs`. sequences: whether the models get
    sequences of feature vectors, which cross-attention needs. What decides: without a labelled pair the
    modalities are sure to show as much synergy as the joint of largest entropy, whose log odds are additive in
    the modalities; only what lies above it needs a model with interactions, and whether there is any, the samples
    cannot tell. So an additive model and one with interactions are both named where the range leaves room.
    Families by name: `interplay.advice.selection.FAMILIES`; `interplay.fusion.zoo` trains them.
    """
    pair: Any = getattr(result, "chosen", result)
    if not hasattr(pair, "ladder"):
        raise InputError(
            f"a result of type {type(result).__name__}",
            expected="what interplay.quantify returns, or one of its pairs",
            next_step="run interplay.quantify first",
        )
    facts = _facts(pair, sequences)
    advice = sorted((_judge(f, facts) for f in FAMILIES), key=lambda a: _place(a, facts))
    return Recommendation(
        names=pair.names,
        advice=tuple(advice),
        profile={
            "redundancy": pair.redundancy,
            **{f"unique to {n}": e for n, e in pair.unique.items()},
            "synergy": pair.synergy,
            "gain": pair.gain,
            "gain at maximum entropy": facts.likely,
            "room for interactions": facts.room,
        },
        verdict=_verdict(tuple(a.family for a in advice if a.standing == "recommended"), facts),
    )


def _facts(pair: "PairResult", sequences: bool) -> Facts:
    accuracy = {r.rung: r.accuracy for r in pair.ladder}
    single = accuracy["guaranteed"] - pair.gain.low
    likely = max(accuracy["maximum entropy"] - single, 0.0)
    parts = {"both": max(pair.redundancy.low, 0.0)} | {n: max(e.low, 0.0) for n, e in pair.unique.items()}
    whole = sum(parts.values()) or 1.0
    unique = {n: parts[n] for n in pair.names}
    return Facts(
        names=pair.names,
        best=max(pair.information, key=lambda n: pair.information[n].low),
        useless=pair.gain.limits[1] < SMALL,
        likely=likely,
        room=max(accuracy["largest possible"] - accuracy["maximum entropy"], 0.0),
        redundant=parts["both"] / whole,
        lopsided=(max(unique.values()) - min(unique.values())) / whole,
        classes=pair.tables.first.shape[1],
        sequences=sequences,
    )


def _judge(family: Family, f: Facts) -> Advice:
    recommended, reason = RULES[family](f)
    if f.useless and family != "single":
        return Advice(family=family, standing="not needed", reason="no classifier gains half a point by fusing.")
    standing: Literal["recommended", "possible", "not needed"] = (
        "recommended" if recommended else "possible" if recommended is None else "not needed"
    )
    return Advice(family=family, standing=standing, reason=reason)


Rule = Callable[[Facts], tuple[bool | None, str]]  # True recommended, None possible, False not needed


def _single(f: Facts) -> tuple[bool | None, str]:
    if f.useless:
        return True, f"{f.best} alone: fusing gains less than half a point, whatever the unseen joint."
    if f.likely < SMALL and f.lopsided > 0.5:
        return None, (
            f"{f.best} carries {f.lopsided:.0%} of the information alone, and fusing is likely to gain "
            f"{100 * f.likely:.1f} points only; but up to {100 * f.room:.1f} more are not ruled out."
        )
    return False, f"fusing is likely to gain {100 * f.likely:.1f} points over {f.best} alone."


def _ensemble(f: Facts) -> tuple[bool | None, str]:
    if f.redundant > 0.5:
        return None, (
            f"both modalities carry {f.redundant:.0%} of the information, so averaging their answers cancels errors; "
            "it weighs both alike, though."
        )
    return False, f"only {f.redundant:.0%} of the information is shared: an average would dilute what is unique."


def _agreement(f: Facts) -> tuple[bool | None, str]:
    if f.redundant > 0.5:
        return None, f"{f.redundant:.0%} of the information is in both: models that must agree lose little by it."
    return False, f"only {f.redundant:.0%} of the information is shared: forcing models to agree loses the rest."


def _additive(f: Facts) -> tuple[bool | None, str]:
    return True, (
        f"additive log odds reach the gain that the tables make likely ({100 * f.likely:.1f} points), with the fewest "
        "weights to learn."
    )


def _early(f: Facts) -> tuple[bool | None, str]:
    if f.room < SMALL:
        return False, "no interaction can add half a point to an additive model."
    return True, (
        f"up to {100 * f.room:.1f} points need interactions that the samples can neither show nor rule out; one "
        "network on all features can learn them, at the price of more weights."
    )


def _tensor(f: Facts) -> tuple[bool | None, str]:
    if f.room < SMALL:
        return False, "no interaction can add half a point to an additive model."
    if f.classes >= MANY_CLASSES:
        return None, f"all products of hidden features, but with {f.classes} classes low_rank needs far fewer weights."
    return (
        None,
        f"all products of hidden features: if {100 * f.room:.1f} points of interaction are real, it finds them.",
    )


def _low_rank(f: Facts) -> tuple[bool | None, str]:
    if f.room < SMALL:
        return False, "no interaction can add half a point to an additive model."
    return None, "products of hidden features in few dimensions: as tensor, with fewer weights."


def _multiplicative(f: Facts) -> tuple[bool | None, str]:
    if f.room < SMALL:
        return False, "no interaction can add half a point to an additive model."
    return None, "one modality gates the other: fits if the meaning of one depends on the other."


def _cross_attention(f: Facts) -> tuple[bool | None, str]:
    if not f.sequences:
        return False, "it attends between the parts of sequences, and here each modality is one feature vector."
    if f.room < SMALL:
        return False, "no interaction can add half a point to an additive model."
    return None, "the parts of one sequence may matter in the light of the other; it needs many labelled pairs."


RULES: Mapping[Family, Rule] = {
    "single": _single,
    "ensemble": _ensemble,
    "agreement": _agreement,
    "early": _early,
    "additive": _additive,
    "tensor": _tensor,
    "low_rank": _low_rank,
    "multiplicative": _multiplicative,
    "cross_attention": _cross_attention,
}


def _place(a: Advice, f: Facts) -> tuple[int, int]:
    """Recommended first; among them models with interactions first where these may gain more than is likely."""
    order = ("single", "additive", "early") if f.likely >= f.room else ("single", "early", "additive")
    standing = ("recommended", "possible", "not needed").index(a.standing)
    return standing, order.index(a.family) if a.family in order else len(order) + FAMILIES.index(a.family)


def _verdict(recommended: tuple[Family, ...], f: Facts) -> str:
    named = " and ".join(recommended)
    if len(recommended) == 1:
        return f"Train {named}: the ranges decide."
    return (
        f"Train {named}, and let validation choose: the ranges leave up to {100 * f.room:.1f} points open between them."
    )
