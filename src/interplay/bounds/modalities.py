"""Two or more modalities: what their labelled tables identify, and how much synergy the unseen joint can have."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from interplay.errors import InputError, ShapeError, UnknownNameError
from interplay.information import Array, mutual_information
from interplay.results import Interval, ModalityBounds
from interplay.solvers.least_information import LeastInformation, least_information
from interplay.solvers.most_information import most_information
from interplay.solvers.union_sources import union_information_of

GAP = 1e-6  # bits; the certified end is reported, so a solution this close is not an error
LOW = "least information of any joint with the tables (sharp)"
LISTED = "largest information over the identified set (every vertex)"
COUPLED = "minimum-entropy coupling of all tables, or the entropy of the label"

Known = list[tuple[tuple[int, ...], Array]]


def bound_modalities(
    labeled: Mapping[str, ArrayLike],
    codes: ArrayLike | Mapping[tuple[str, ...], ArrayLike] | None = None,
    *,
    time_limit: float = 5.0,
) -> ModalityBounds:
    """Certified range of synergy and total, and the unique part of each modality, in bits, from tables.

    labeled: name -> table of (x_m, y), (n_m, K), two or more. codes: the table of all codes (n_1, ..., n_k), axes in
    the order of `labeled`, or tables of some of them, such as all pairs: {("image", "text"): (n_image, n_text), ...}.
    None where no rows carry two modalities: every joint of the labelled tables is in question then.
    Counts or probabilities; zeros are normal; margins that tables share must agree within 1e-9 (MarginsError).

    Unique and union need the labelled tables only. The low ends are sharp for what is given: rows that carry all
    modalities say more than their pairs. The high ends are exact for few codes, else certified but loose after
    `time_limit` seconds. The joint table is held in memory, so its size is limited (InputError).
    Bertschinger et al. 2014 for the union information; the lower end is the project's own.
    """
    names = list(labeled)
    tables = [_probabilities(name, labeled[name]) for name in names]
    known = _known(names, {} if codes is None else codes)
    if len(names) < 2:
        raise InputError(
            f"{len(names)} labelled tables", expected="two or more modalities", next_step="add another modality"
        )
    union = union_information_of(tables)
    without = {name: union_information_of([*tables[:i], *tables[i + 1 :]]) for i, name in enumerate(names)}
    least = least_information(tables, known, accepted=GAP)
    most = most_information(tables, known, time_limit=time_limit)
    unique = {name: union.value - rest.value for name, rest in without.items()}
    reasons = (LOW, LISTED if most.exact else COUPLED)
    return ModalityBounds(
        information={name: float(mutual_information(p)) for name, p in zip(names, tables, strict=True)},
        union=union.value,
        unique=unique,
        overlap=union.value - sum(unique.values()),
        total=_interval(least, most.bound, 0.0, 0.0, reasons),
        synergy=_interval(least, most.bound, union.value, union.value - union.certificate.gap, reasons),
        attained=most.attained - union.value,
        certificate=union.certificate,
    )


def _interval(
    least: LeastInformation, high: float, union_high: float, union_low: float, reasons: tuple[str, str]
) -> Interval:
    return Interval(
        low=least.lower - union_high,
        high=high - union_low,
        valid=True,
        reasons=reasons,
        certificates=(least.certificate, None),
    )


def _probabilities(name: str, table: ArrayLike) -> Array:
    found = np.asarray(table, dtype=np.float64)
    total = float(found.sum())
    if not (np.isfinite(found).all() and found.min(initial=0.0) >= 0 and total > 0):
        raise InputError(
            f"the table of {name} has negative, non-finite or no mass",
            expected="counts or probabilities",
            next_step="check the table for missing values",
        )
    return found / total


def _known(names: Sequence[str], codes: ArrayLike | Mapping[tuple[str, ...], ArrayLike]) -> Known:
    """Tables of codes by positions of their modalities, axes in rising order."""
    if not isinstance(codes, Mapping):
        table = _probabilities("all codes", codes)
        if table.ndim != len(names):
            raise ShapeError(
                f"a table of codes with {table.ndim} axes for {len(names)} modalities",
                expected="one axis for every labelled table, in their order",
                next_step='name the modalities of smaller tables: {("image", "text"): table}',
            )
        return [(tuple(range(len(names))), table)]
    known: Known = []
    for group, given in codes.items():
        unknown = [name for name in group if name not in names]
        if unknown or isinstance(group, str):
            raise UnknownNameError(
                f"a table of codes of {group!r}",
                expected=f"a tuple of names among {', '.join(names)}",
                next_step="name the axes of each table of codes like the labelled tables",
            )
        table = _probabilities(" and ".join(group), given)
        if table.ndim != len(group):
            raise ShapeError(
                f"a table of codes with {table.ndim} axes for {len(group)} modalities",
                expected="one axis for every name",
                next_step="check the table's shape",
            )
        at = [names.index(name) for name in group]
        order = np.argsort(at)
        known.append((tuple(at[i] for i in order), table.transpose(order)))
    return known
