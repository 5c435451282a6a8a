"""Which rule to deploy, and what it guarantees, with the optimism of choosing and judging on the same tables."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.chance import above_chance
from interplay.estimation.classified import ClassifiedTables, fixed_end
from interplay.estimation.confidence import Replicated, estimate, proportion
from interplay.estimation.counts import PairCounts
from interplay.estimation.drawn import Drawn, Draws
from interplay.fusion.rules import Facts, coarse_rules, guarantees, minimax_rules, rule_accuracy, single_rule
from interplay.information import Array
from interplay.reconciliation import Repaired
from interplay.results import Estimate

Ints = NDArray[np.intp]
ALONE = ("first alone", "second alone")
JUDGED = 60  # replicates whose rules are judged: a mean, known to an eighth of the spread
CAUTION = 2.0  # optimism over the optimism that the bootstrap sees: 1 to 2 in simulations, 2.4 at a full tie


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """A kind of rule: chosen on the sample, decisions (n1,n2), and again on every replicate.

    value: what the rule guarantees on the sample. drawn (B,): what each replicate's rule guarantees there,
    and on_sample (B,): what that rule guarantees on the sample itself.
    """

    decisions: Ints
    value: float
    drawn: Array
    on_sample: Array

    @property
    def optimism(self) -> float:
        """By how much a rule of this kind looks better on the tables it was chosen on."""
        return CAUTION * max(float((self.drawn - self.on_sample).mean()), 0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class ChosenRule:
    """The rule that is deployed: its kind's name, decisions (n1,n2), and the optimism of its guarantee."""

    name: str
    decisions: Ints
    optimism: float


def choose_rule(drawn: Drawn, seen: NDArray[np.bool_], facts: Facts) -> ChosenRule:
    """The kind whose guarantee less its optimism is largest: each modality alone, minimax, minimax on coarser codes.

    Every replicate chooses again by the same criterion, so the optimism that is returned includes that of
    choosing the kind.
    """
    point, batch = drawn.point.tables, drawn.batch.tables.first(JUDGED)
    kinds = {name: _single(m, point, batch, facts) for m, name in enumerate(ALONE)}
    rules = minimax_rules(drawn.point, seen, facts), minimax_rules(drawn.batch, seen, facts)[:JUDGED]
    kinds["minimax"] = _kind(*rules, point, batch)
    if any(f.coarser.max() + 1 < len(f.coarser) for f in facts):
        rules = coarse_rules(point, seen, facts), coarse_rules(batch, seen, facts)
        kinds["minimax, coarse"] = _kind(*rules, point, batch)
    name = max(kinds, key=lambda n: kinds[n].value - kinds[n].optimism)
    again = np.argmax([k.drawn - k.optimism for k in kinds.values()], axis=0)
    gained = np.stack([k.drawn - k.on_sample for k in kinds.values()])[again, np.arange(len(again))]
    optimism = max(kinds[name].optimism, CAUTION * float(gained.mean()))
    return ChosenRule(name=name, decisions=kinds[name].decisions, optimism=optimism)


def _single(modality: int, point: Repaired, batch: Repaired, facts: Facts) -> Kind:
    """A modality's own answers are fixed before the tables: no optimism."""
    rule = single_rule(modality, facts)
    value = float(rule_accuracy(rule, point, modality)[0])
    drawn = rule_accuracy(rule, batch, modality)
    return Kind(decisions=rule, value=value, drawn=drawn, on_sample=drawn)


def _kind(rule: Ints, again: Ints, point: Repaired, batch: Repaired) -> Kind:
    return Kind(
        decisions=rule[0],
        value=float(guarantees(rule, point, tolerance=1e-7)[0]),
        drawn=guarantees(again, batch),
        on_sample=guarantees(again, point),
    )


def guarantee_estimate(
    rule: ChosenRule,
    draws: Draws,
    counts: PairCounts,
    *,
    confidence: float,
    looks: int,
    accidents: tuple[float, ...] = (0.0, 0.0),
) -> Estimate:
    """Range of the accuracy of exactly this rule over the identified set, from samples.

    accidents: `chance.accident_p_value` by modality, 0 where codes were not learned from these rows.

    A modality alone is right or wrong on its own labelled rows: the exact interval of a proportion, its level
    shared by the two modalities between which was chosen. Else both ends are linear programs, with the
    bias-corrected bootstrap; the lower limit also gives back the optimism of having chosen the rule on the
    tables that it is judged on.
    """
    if rule.name in ALONE:
        return _alone(rule, counts, accidents, confidence=confidence, looks=2 * looks)
    right = np.eye(counts.shape[2])[rule.decisions.ravel()]

    def end(drawn: Drawn, sign: float, optimism: float, unseen: float) -> Replicated:
        rows, cols, _ = drawn.point.cells
        tables = [ClassifiedTables(tables=s.tables, mass=s.cells[2]) for s in (drawn.point, drawn.batch)]
        return fixed_end(
            rows, cols, sign * right, *tables, sign=sign, freedom=draws.freedom, optimism=optimism, unseen=unseen
        )

    low, high = end(draws.half, 1.0, rule.optimism, max(counts.unseen)), end(draws.plain, -1.0, 0.0, 0.0)
    shown = float(guarantees(rule.decisions[None], draws.plain.point.tables, tolerance=1e-8)[0]), high.value
    found = estimate(low, high, confidence=confidence, unit="probability", looks=looks, shown=shown)
    return above_chance(found, counts.labelled, accidents, looks=looks)


def _alone(
    rule: ChosenRule, counts: PairCounts, accidents: tuple[float, ...], *, confidence: float, looks: int
) -> Estimate:
    modality = ALONE.index(rule.name)
    labels, weights, groups = rows = counts.labelled[modality]
    answers = rule.decisions[:, 0] if modality == 0 else rule.decisions[0]
    hits = (answers[counts.sets[1 + modality].cells // counts.shape[2]] == labels).astype(float)
    found = proportion(
        hits,
        weights=weights,
        groups=groups,
        confidence=confidence,
        looks=looks,
        unseen=counts.unseen[modality],
    )
    return above_chance(found, [rows], accidents[modality : modality + 1], looks=looks)
