"""The guaranteed classifier of two modalities, with its guarantee."""

import numpy as np

from interplay.estimation.coding import CodedSamples
from interplay.estimation.counts import PairCounts, count_pair
from interplay.estimation.drawn import Draws, draw_tables
from interplay.estimation.judged import combinations
from interplay.estimation.preparation import Prepared
from interplay.fusion.fused import FusedClassifier
from interplay.fusion.guarantee import choose_rule, guarantee_estimate
from interplay.fusion.rules import class_probabilities
from interplay.results import Estimate


def fuse_pair(
    coded: CodedSamples, counts: PairCounts, draws: Draws, *, confidence: float, looks: int
) -> tuple[FusedClassifier, Estimate]:
    """The classifier and the range of its accuracy. looks: intervals from which a best one is picked later."""
    names, seen = counts.names, counts.tables()[0] > 0
    rule = choose_rule(draws.half, seen, (coded.facts(names[0]), coded.facts(names[1])))
    classifier = FusedClassifier(
        names=names,
        classes_=coded.samples.classes,
        coded=coded,
        rule=rule.name,
        decisions=rule.decisions,
        probabilities=class_probabilities(draws.half.point, seen),
    )
    accidents = coded.accidents(*names)
    return classifier, guarantee_estimate(rule, draws, counts, confidence=confidence, looks=looks, accidents=accidents)


def fuse_best_pair(prepared: Prepared, *, confidence: float, replicates: int) -> tuple[FusedClassifier, Estimate]:
    """That of the two modalities with the largest guarantee, as `quantify` chooses them."""
    found = combinations(prepared)
    fused = []
    for names, stream in found:
        counts = count_pair(prepared.coded, names, prepared.weights)
        draws = draw_tables(counts.sets, counts.shape, replicates, np.random.default_rng(stream))
        fused.append(fuse_pair(prepared.coded, counts, draws, confidence=confidence, looks=len(found)))
    return max(fused, key=lambda f: f[1].limits[0])
