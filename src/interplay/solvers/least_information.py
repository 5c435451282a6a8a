"""Least information that k modalities can have about the label, given p(x_i,y) and tables of their codes.

min I_r(X1..Xk;Y) over every joint r with the known tables: the sharp lower end of the total, hence of synergy.
The table of all codes known: the joint is the one of largest entropy (least_newton.py). Only some tables, such
as all pairs: H(X1..Xk) is free and largest entropy is not least information; an interior point minimises it
directly (least_interior.py). No table of codes: that is the union information (union_sources.py).
Every answer carries duals, from which certificate_sources.py, which knows neither, bounds how far it can be off.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from interplay.errors import InputError, MarginsError, ShapeError, SolverError
from interplay.information import Array, to_nats
from interplay.results import Certificate
from interplay.solvers import certificate_sources, least_interior, least_newton
from interplay.solvers.code_cells import Cells, Codes, cells_of
from interplay.solvers.least_face import close, forced_zeros
from interplay.solvers.least_point import FEASIBLE, Best, Point, start
from interplay.solvers.rounding import share_labels

AGREE = 1e-9  # shared margins may differ by this much; less is repaired, more is an error
LIMIT_JOINT = 1_000_000  # cells of the joint table, times labels
LIMIT_UNKNOWNS = 3_000  # dual unknowns
SECOND_TRY = 1_000  # of them, up to which the interior point is asked where Newton's method has no certificate


@dataclass(frozen=True, kw_only=True)
class LeastInformation:
    """value: bits, of joint (n1,...,nk,K), which has every known table. lower: certified lower end in bits.

    labelled: duals (n_i,K) of p(x_i,y); coded: duals of the tables of codes, in nats.
    """

    value: float
    lower: float
    joint: Array = field(repr=False)
    labelled: tuple[Array, ...] = field(repr=False)
    coded: tuple[Array, ...] = field(repr=False)
    certificate: Certificate


def least_information(
    margins: Sequence[ArrayLike],
    codes: Sequence[tuple[Sequence[int], ArrayLike]],
    *,
    tolerance: float = 1e-9,
    accepted: float | None = None,
) -> LeastInformation:
    """Least I({X1..Xk};Y) in bits for labelled tables (n_i,K) and tables of codes, each (modalities, p(x_S)).

    `modalities` are positions in `margins`, rising: ((0, 1), p12), ((0, 2), p13) or ((0, 1, 2), p123). Zeros are
    normal. Raises MarginsError if tables contradict each other, SolverError if the certified gap exceeds `accepted`
    bits (`tolerance`, at which the search stops, unless given).
    """
    tables, known = checked(margins, codes)
    full = [item for item in known if len(item[0]) == len(tables)]
    known = full[:1] or known  # the others are margins of the table of all codes
    cells = cells_of(tables, known)
    point = Point(joint=np.zeros(cells.allowed.shape), lam=np.zeros(len(cells.first)), c=np.zeros(len(cells.second)))
    best = Best(cells=cells, point=point)
    nats = float(to_nats(tolerance)) / 2
    if full and len(cells.codes):
        sizes = tuple(len(p) for p in tables)
        mass = full[0][1][tuple(cells.codes.T)]
        least_newton.solve(cells, mass, start(cells, tables[0].sum(axis=0)), best, sizes=sizes, tolerance=nats)
    if len(cells.codes) and best.gap > nats and (not full or len(cells.first) + len(cells.second) <= SECOND_TRY):
        _by_interior_point(cells, start(cells, tables[0].sum(axis=0)), best, nats)
    return _judged(tables, known, best, tolerance if accepted is None else accepted)


def _by_interior_point(cells: Cells, lam: Array, best: Best, tolerance: float) -> None:
    """As the tables are; then without the entries that they force to zero."""
    least_interior.solve(cells, lam, best, tolerance=tolerance)
    if best.gap <= tolerance or best.off > FEASIBLE:
        return
    forced, exposing = forced_zeros(cells)
    allowed = cells.allowed & ~forced
    face = cells.only(allowed, best.point.joint)
    if not len(face.codes):  # masses that a linear program does not see
        return
    found = Best(cells=face, point=Point(joint=np.zeros(face.allowed.shape), lam=lam, c=best.point.c))
    least_interior.solve(face, lam, found, tolerance=tolerance / 2)
    joint = np.zeros(allowed.shape)
    joint[allowed.any(axis=1)] = found.point.joint
    best.keep(joint, *close(cells, forced, exposing, found.point.lam, found.point.c))


def _judged(tables: list[Array], known: Codes, best: Best, tolerance: float) -> LeastInformation:
    """The solution with its certificate, or why there is none."""
    cells = best.cells
    joint = np.zeros((*(len(p) for p in tables), cells.count))
    joint[tuple(cells.codes.T)] = best.point.joint
    lam = np.split(best.point.lam, np.cumsum([p.size for p in tables])[:-1])
    labelled = [part.reshape(p.shape) for part, p in zip(lam, tables, strict=True)]
    parts = np.split(best.point.c, np.cumsum([table.size for _, table in known])[:-1]) if known else []
    coded = [part.reshape(table.shape) for part, (_, table) in zip(parts, known, strict=True)]
    value, certificate = certificate_sources.certify(tables, joint, labelled, known, coded)
    lower = value - max(certificate.gap, 0.0)  # below zero it is rounding
    if certificate.primal_residual > AGREE or not len(cells.codes):
        raise MarginsError(
            f"tables that no joint fits (the best is off by {certificate.primal_residual:.1e})",
            expected="tables of one joint distribution",
            next_step="compute all tables of codes from one set of rows, or give fewer of them",
        )
    if not certificate.gap <= tolerance:
        raise SolverError(
            f"least information of {len(tables)} modalities has gap {certificate.gap:.2e} bits",
            expected=f"at most {tolerance:.0e}",
            next_step="raise the tolerance, or merge codes that hold almost no mass",
        )
    return LeastInformation(
        value=value, lower=lower, joint=joint, labelled=tuple(labelled), coded=tuple(coded), certificate=certificate
    )


def checked(
    margins: Sequence[ArrayLike], codes: Sequence[tuple[Sequence[int], ArrayLike]]
) -> tuple[list[Array], list[tuple[tuple[int, ...], Array]]]:
    """Tables as float64 whose shared margins agree to rounding, or an error that names the fault."""
    tables = [np.asarray(m, dtype=np.float64) for m in margins]
    if not tables or any(p.ndim != 2 or p.shape[1] != tables[0].shape[1] or 0 in p.shape for p in tables):
        raise ShapeError(
            f"labelled tables of shapes {[p.shape for p in tables]}",
            expected="at least one table, each (n_i, K) with the same K",
            next_step="put codes in rows and labels in columns",
        )
    known = [(tuple(int(a) for a in axes), np.asarray(t, dtype=np.float64)) for axes, t in codes]
    for axes, table in known:
        rising = list(axes) == sorted(set(axes)) and axes and axes[0] >= 0 and axes[-1] < len(tables)
        if not rising or table.shape != tuple(len(tables[a]) for a in axes):
            raise ShapeError(
                f"a table of codes of shape {table.shape} for modalities {axes}",
                expected="rising positions of modalities, and one axis for each, as long as its labelled table",
                next_step="give ((0, 1), p12) for a table of the first two modalities",
            )
    everything = [*tables, *(t for _, t in known)]
    if not all(np.isfinite(t).all() and t.min() >= 0 for t in everything):
        raise InputError(
            "a negative or non-finite cell", expected="probabilities", next_step="check the tables for missing values"
        )
    _check_size(tables, known)
    _check_agreement(tables, known)
    return _repaired(tables, known)


def _check_size(tables: list[Array], known: Codes) -> None:
    cells = int(np.prod([len(p) for p in tables], dtype=object)) * tables[0].shape[1]
    full = any(len(axes) == len(tables) for axes, _ in known)
    unknowns = sum(p.size for p in tables) + (0 if full else sum(t.size for _, t in known))
    if cells > LIMIT_JOINT or unknowns > LIMIT_UNKNOWNS:
        raise InputError(
            f"a joint table of {cells} cells and {unknowns} dual unknowns",
            expected=f"at most {LIMIT_JOINT} cells and {LIMIT_UNKNOWNS} unknowns",
            next_step="use fewer codes per modality",
        )


def _check_agreement(tables: list[Array], known: Codes) -> None:
    """Raise if two tables differ in a margin that they share."""
    labels = [
        (f"p(y) in labelled tables 0 and {i}", p.sum(axis=0), tables[0].sum(axis=0)) for i, p in enumerate(tables)
    ]
    shared = [
        (
            f"p(x{a}) in its labelled table and in that of codes {axes}",
            _margin(table, axes, (a,)),
            tables[a].sum(axis=1),
        )
        for axes, table in known
        for a in axes
    ]
    for i, (one, first) in enumerate(known):
        for two, second in known[:i]:
            both = tuple(a for a in one if a in two)
            if len(both) > 1:
                name = f"p(x_S) of codes {both} in the tables of codes {one} and {two}"
                shared.append((name, _margin(first, one, both), _margin(second, two, both)))
    for name, a, b in [*labels, *shared]:
        at = np.unravel_index(int(np.abs(a - b).argmax()), a.shape)
        if abs(a[at] - b[at]) > AGREE:
            raise MarginsError(
                f"{name}: {a[at]:.9g} and {b[at]:.9g} at {tuple(int(i) for i in at)}",
                expected=f"shared margins that agree within {AGREE:g}",
                next_step="make all tables from one set of rows, or scale them to one margin first",
            )


def _margin(table: Array, axes: tuple[int, ...], kept: tuple[int, ...]) -> Array:
    return table.sum(axis=tuple(at for at, a in enumerate(axes) if a not in kept))


def _repaired(tables: list[Array], known: Codes) -> tuple[list[Array], list[tuple[tuple[int, ...], Array]]]:
    """Margins that differ by rounding moved onto those of the widest table of codes, and on the first p(y)."""
    singles = [p.sum(axis=1) for p in tables]
    for axes, table in sorted(known, key=lambda item: len(item[0])):
        for a in axes:
            singles[a] = _margin(table, axes, (a,))
    codes = []
    for axes, original in known:
        table = original
        for _ in range(2):
            for at, a in enumerate(axes):
                have = _margin(table, axes, (a,))
                ratio = np.divide(singles[a], have, out=np.ones_like(have), where=have > 0)
                table = table * ratio.reshape([-1 if j == at else 1 for j in range(len(axes))])
        codes.append((axes, table))
    labelled = []
    for p, single in zip(tables, singles, strict=True):
        table = p
        for _ in range(4):
            have = table.sum(axis=1, keepdims=True)
            table = share_labels(
                tables[0], table * np.divide(single[:, None], have, out=np.ones_like(have), where=have > 0)
            )
        labelled.append(table)
    return labelled, codes
