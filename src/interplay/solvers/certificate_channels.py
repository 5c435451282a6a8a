"""Certificate of a primal that is given by two channels: a code z, and x1 and x2 drawn from it independently.

q(x1,x2,y) = sum_z p(z,y) w1(x1,z) w2(x2,z), two sparse channels instead of a table of n1 n2 cells. Y - Z - (X1,X2)
is a Markov chain, so I_q({X1,X2};Y) <= I(Z;Y) whatever the numbers are. Like its twins this knows no solver.

Shapes: atoms (2,M), p(z,y) with the label first. A channel is codes (T,), places (T,) and amounts (T,): the mass of z =
places that goes to code codes, so that w = amount / p(z).
"""

import numpy as np
from scipy.special import xlogy

from interplay.information import Array, to_bits
from interplay.solvers.arrays import Index

Entries = tuple[Index, Index, Array]  # codes, places, amounts


def bound_and_residual(atoms: Array, one: Entries, two: Entries, p1y: Array, p2y: Array) -> tuple[float, float]:
    """Upper bound in bits on I_q({X1,X2};Y), and the largest violation of a margin (or of a sign) by q.

    What rounding left of the sums of the channels counts: it goes into the masses of z, which makes them exact.
    """
    count = atoms.shape[1]
    inverse = 1.0 / (atoms[0] + atoms[1])
    kept = [np.bincount(places, amounts, count) * inverse for _, places, amounts in (one, two)]
    worst = -min(float(a.min(initial=0.0)) for a in (atoms, one[2], two[2]))
    for (codes, places, amounts), table, other in ((one, p1y, kept[1]), (two, p2y, kept[0])):
        weight = amounts * (inverse * other)[places]
        for y in (0, 1):
            off = np.bincount(codes, weight * atoms[y][places], len(table)) - table[:, y]
            worst = max(worst, float(np.abs(off).max()))
    whole = atoms * (kept[0] * kept[1])
    labels = whole.sum(axis=1)
    nats = xlogy(whole, whole).sum() - xlogy(labels, labels).sum()
    cells, total = whole[0] + whole[1], labels.sum()
    return float(to_bits(nats - xlogy(cells, cells).sum() + xlogy(total, total))), worst
