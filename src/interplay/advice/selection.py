"""Which families of fusion models fit how the modalities interact, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from interplay.advice.collection import plain_estimate
from interplay.advice.families import FAMILIES, NO_ROOM, RULES, SMALL, Facts, Family, single_leads
from interplay.errors import InputError

if TYPE_CHECKING:
    from interplay.pair_analysis import PairResult
    from interplay.quantification import Result

NOTHING = 0.01  # bits: less information than that has no parts worth comparing


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


def recommend_models(
    result: "Result | PairResult", *, sequences: bool = False, labelled_pairs: int | None = None
) -> Recommendation:
    """Fusion families for two modalities, from the ranges of their interactions.

    result: of `interplay.quantify` (its chosen pair), or one of its `pairs`. sequences: whether the models get
    sequences of feature vectors, whose order only cross-attention sees. labelled_pairs: how many there will be to
    train on (as many as unlabelled pairs were seen). What decides: without a labelled pair the modalities are sure to
    show as much synergy as the joint of largest entropy, whose log odds are additive in the modalities; only what
    lies above it needs a model with interactions, and whether there is any, the samples cannot tell. So where the
    range leaves room, an additive model is named and two with interactions of different kinds: attention between
    learned parts, and products of hidden features. Both form products at once, which one network on all features
    has to piece together from more labelled pairs; with many classes it takes the place of the products, for it shares
    them between classes. Models that must agree are added where labelled pairs are few or the modalities repeat each
    other. The better modality alone is always named if it says anything: it is what a fusion must beat; first where
    the other is unlikely to add anything, else last. Labelled pairs choose between those named
    (`interplay.advice.verification.verify_models`). Raises InputError.
    Families by name: `interplay.advice.families.FAMILIES`; `interplay.fusion.zoo` trains them.
    """
    pair: Any = getattr(result, "chosen", result)
    if not hasattr(pair, "ladder"):
        raise InputError(
            f"a result of type {type(result).__name__}",
            expected="what interplay.quantify returns, or one of its pairs",
            next_step="run interplay.quantify first",
        )
    if labelled_pairs is not None and not (isinstance(labelled_pairs, int) and labelled_pairs > 0):
        raise InputError(
            f"labelled_pairs={labelled_pairs!r}",
            expected="how many labelled pairs there will be, 1 or more",
            next_step="leave it out if you do not know",
        )
    facts = _facts(pair, sequences, labelled_pairs)
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


def _facts(pair: "PairResult", sequences: bool, labelled_pairs: int | None) -> Facts:
    accuracy = {r.rung: r.accuracy for r in pair.ladder}
    single = accuracy["guaranteed"] - pair.gain.low
    likely = max(accuracy["maximum entropy"] - single, 0.0)
    parts = {"both": max(pair.redundancy.low, 0.0)} | {n: max(e.low, 0.0) for n, e in pair.unique.items()}
    whole = sum(parts.values())
    whole = whole if whole > NOTHING else np.inf  # shares of next to nothing are noise
    unique = {n: parts[n] for n in pair.names}
    return Facts(
        names=pair.names,
        best=max(pair.information, key=lambda n: pair.information[n].low),
        tells=sum(parts.values()) > NOTHING,
        useless=pair.gain.limits[1] < SMALL,
        likely=likely,
        room=max(accuracy["largest possible"] - accuracy["maximum entropy"], 0.0),
        redundant=parts["both"] / whole,
        lopsided=(max(unique.values()) - min(unique.values())) / whole,
        classes=pair.tables.first.shape[1],
        pairs=float(pair.tables.pairs.sum()) if labelled_pairs is None else float(labelled_pairs),
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


def _place(a: Advice, f: Facts) -> tuple[int, int]:
    """Recommended first; among them models with interactions first where these may gain more than is likely, and a
    modality alone that is but the yardstick last."""
    if a.family == "single" and a.standing == "recommended":
        return 0, -1 if single_leads(f) else 99
    plain, joint = ("additive",), ("cross_attention", "tensor", "early")
    order = (*plain, *joint) if f.likely >= f.room else (*joint, *plain)
    standing = ("recommended", "possible", "not needed").index(a.standing)
    return standing, order.index(a.family) if a.family in order else len(order) + FAMILIES.index(a.family)


def _verdict(recommended: tuple[Family, ...], f: Facts) -> str:
    named = tuple(n for n in recommended if n != "single" or single_leads(f)) or recommended  # a yardstick is no rival
    words = " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
    if len(named) == 1:
        return f"Train {words}: the ranges decide."
    if f.room < SMALL:
        return f"Train {words}, and let validation choose: {NO_ROOM}"
    return (
        f"Train {words}, and let validation choose: the ranges leave up to {100 * f.room:.1f} points open between them."
    )
