"""Synergy of two modalities when some pairs have labels: known cells are counted, the others keep their range."""

import numpy as np

from interplay.estimation.ceilings import room_of
from interplay.estimation.confidence import KINK, PARTIAL, Replicated, estimate
from interplay.estimation.labelled_cells import PRIOR
from interplay.estimation.labelled_draws import LabelledDraws
from interplay.estimation.many import ManyTables
from interplay.estimation.solved import Solved
from interplay.information import Array, entropy, to_bits, uniform_entropy
from interplay.reconciliation import Repaired
from interplay.results import Estimate
from interplay.solvers.cell_limits import information_ceiling_many
from interplay.solvers.union import union_information_many

TOLERANCE = 1e-5  # bits


def synergy_with_labels(draws: LabelledDraws, *, lost: tuple[float, float], confidence: float, looks: int) -> Estimate:
    """Range of the synergy of two modalities, bits.

    Known cells tell what their likeliest shares do, the others have what tables the known ones leave: at least what the
    joint of largest entropy tells, at most what cells' limits allow. The low end has a few labels more, as maximum
    entropy has them (`LabelledDraws.cautious`). lost: information that each modality's codes lose; the lower limit
    gives it back (`estimation.lost`). looks: as in `accuracy_with_labels`.
    """
    plain, cautious, free = draws.tables.plain, draws.cautious, draws.tables.freedom
    union, again = (_union(t) for t in plain)
    shrunk, careful = (tuple(_lowest(draws, t) for t in two) for two in (cautious.shrunk, cautious.plain))
    low = Replicated(
        value=float(min(shrunk[0][0], careful[0][0]) - union[0]) - sum(lost),
        replicates=np.minimum(shrunk[1], careful[1]) - again - sum(lost),
        factor=PARTIAL,
        optimism=_plugged_in(draws),
        ceiling=float(_label(plain[0])[0] - union[0]),
        freedom=free,
    )
    top, top_again = _highest(draws, plain)
    high = Replicated(
        value=float(top[0] - union[0]),
        replicates=top_again - again,
        factor=KINK,
        floor=0.0,
        cap=uniform_entropy(draws.counts.classes),
        freedom=free,
    )
    shown = min(max(float(careful[0][0] - union[0]), 0.0), high.value), high.value
    return estimate(low, high, confidence=confidence, unit="bits", looks=looks, shown=shown)


def _plugged_in(draws: LabelledDraws) -> float:
    """By how much the shares of few labels seem to tell more than they do: the bias of plugging them in (Miller 1955),
    of which replicates see little where a cell's few labels are all the same."""
    cells = draws.cells
    labels = np.where(cells.known, cells.count, 0.0)
    bias = labels / (labels + PRIOR) ** 2 * (draws.counts.classes - 1) / 2  # nats, less what PRIOR labels take away
    return float(to_bits(draws.tables.plain[0].mass[0] @ bias))


def _lowest(draws: LabelledDraws, tables: ManyTables) -> Array:
    """Smallest total information (B,)."""
    solved, left = _rest(draws, tables)
    return _told(draws, tables, left * (solved.label - solved.total_low))


def _highest(draws: LabelledDraws, two: tuple[ManyTables, ManyTables]) -> tuple[Array, Array]:
    """Largest total information of the sample (1,) and of its replicates (B,), with room for noise (`highest`)."""
    rests = [_rest(draws, t) for t in two]
    room = room_of(rests[1][0].tables)
    ceilings = [information_ceiling_many(s.tables.p12, s.tables.p1y, s.tables.p2y, room) for s, _ in rests]
    value, again = (
        _told(draws, t, left * (solved.label - ceiling))
        for t, (solved, left), ceiling in zip(two, rests, ceilings, strict=True)
    )
    return value, again


def _told(draws: LabelledDraws, tables: ManyTables, uncertain: Array) -> Array:
    """Total information (B,) if that much of the label is left uncertain by cells that are not known."""
    known = tables.joint * draws.cells.known[:, None]
    settled = entropy(known, batch=1) - entropy(known.sum(2), batch=1)
    return np.asarray(_label(tables) - settled - uncertain)


def _label(tables: ManyTables) -> Array:
    """H(Y), (B,)."""
    return np.asarray(entropy(tables.margins[0].sum(1), batch=1))


def _union(tables: ManyTables) -> Array:
    """Union information (B,)."""
    return np.asarray(union_information_many(*tables.margins, tolerance=TOLERANCE).value)


def _rest(draws: LabelledDraws, tables: ManyTables) -> tuple[Solved, Array]:
    """Tables of the cells that are not known, scaled to one, and their mass (B,); all cells' where that is nothing."""
    counts = draws.counts
    (n1, n2), (first, second) = counts.sizes, counts.codes.T
    joint = np.zeros((2, len(tables.joint), n1, n2, counts.classes))
    joint[0][:, first, second] = tables.joint
    joint[1][:, first, second] = tables.joint * ~draws.cells.known[:, None]
    left = joint[1].sum((1, 2, 3))
    some = (left > 0)[:, None, None, None]
    return _solve(np.where(some, joint[1] / np.where(some, left[:, None, None, None], 1.0), joint[0])), left


def _solve(joint: Array) -> Solved:
    """The tables of joints (B,n1,n2,K), to be solved."""
    p12, p1y, p2y = joint.sum(3), joint.sum(2), joint.sum(1)
    moved = np.zeros((len(joint), 3))
    return Solved(tables=Repaired(p12=p12, p1y=p1y, p2y=p2y, moved=moved, iterations=0), tolerance=10 * TOLERANCE)
