"""From ranges to a verdict in a sentence and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass

from interplay.results import Estimate


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One sentence that answers, and sentences that say what to do."""

    verdict: str
    next_steps: tuple[str, ...]


def advise(unimodal: Mapping[str, Estimate], guarantee: Estimate, accuracy: Estimate, gain: Estimate) -> Advice:
    """Decide by confidence limits only: fusing pays if the gain's lower limit is above zero."""
    best = max(unimodal, key=lambda n: unimodal[n].low)
    single = unimodal[best]
    facts = (
        f"right in at least {guarantee.ci[0]:.1%} of cases ({guarantee.confidence:.0%} confidence); the best single "
        f"modality, {best}, in {single.low:.1%} ({100 * single.ci[0]:.1f} to {single.ci[1]:.1%}); at most "
        f"{min(accuracy.ci[1], 1):.1%} on these codes"
    )
    if gain.exceeds(0):
        return Advice(verdict=f"Fuse: {facts}.", next_steps=_fuse_steps(guarantee, accuracy))
    if gain.limits[1] < 0.005:
        return Advice(verdict=f"Do not fuse: fused, {facts}.", next_steps=_single_steps(best))
    return Advice(verdict=f"Undecided: fused, {facts}.", next_steps=_undecided_steps(best, gain))


def _fuse_steps(guarantee: Estimate, accuracy: Estimate) -> tuple[str, ...]:
    steps = ["Use the fused classifier (result.fused): its accuracy is guaranteed without labelled pairs."]
    if accuracy.high - guarantee.low > 0.02:
        steps.append(
            f"Up to {accuracy.high - guarantee.low:.1%} more may be possible: label a few hundred pairs, drawn "
            "at random, to see how much of it is real."
        )
    return tuple(steps)


def _single_steps(best: str) -> tuple[str, ...]:
    return (f"Use {best} alone; on these codes the other modality cannot add anything that matters.",)


def _undecided_steps(best: str, gain: Estimate) -> tuple[str, ...]:
    return (
        f"Use {best} alone for now, or the fused classifier, whose guarantee is as good as the data allow.",
        f"Fusing can be worth between {max(gain.low, 0):.1%} and {gain.high:.1%} (plug-in): label some pairs, or "
        "add unlabelled pairs and labelled rows to narrow the range.",
    )
