"""The narrow waist: three tables that carry all that unpaired labels and unlabelled pairs say."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from interplay.errors import FileError, InputError, MarginsError, ShapeError
from interplay.files import write_text
from interplay.information import Array
from interplay.mismatch import Mismatch, compare_margins, untested
from interplay.reconciliation import as_batch, have_a_joint, maximum_likelihood_tables, repair_rounding, unmoved
from interplay.results import freeze

SCHEMA = "interplay/tables/1"
ROUNDING = 1e-9  # margins closer than this agree; they are raked to agree exactly
LARGEST_COUNT = 2.0**53  # beyond it a float no longer holds every integer


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What `PairTables.reconcile` did.

    mismatch: which shared margins disagree, with p-values. moved: total variation (0 to 1) by which the
    pairs, the first and the second table moved. slack: the largest of the three. iterations: EM steps.
    """

    mismatch: Mismatch
    moved: tuple[float, float, float]
    slack: float
    iterations: int


@dataclass(frozen=True, kw_only=True, eq=False)
class PairTables:
    """Margins of an unseen joint over (x1, x2, y), as counts or as probabilities.

    pairs: (n1, n2) table of (x1, x2). first: (n1, K) table of (x1, y). second: (n2, K) of (x2, y).
    Zeros are allowed anywhere. Each table is either counts (or weights: any non-negative numbers with a
    sum that is not 1) or probabilities (sum 1); `counts` settles it where the numbers do not. names: of
    the two modalities. classes: of the labels. codebook: what made the codes; tables add only if theirs
    agree. Probabilities in single precision whose shared margins agree within its rounding are made to agree in
    double. Raises InputError or ShapeError (one line) for anything else.
    """

    pairs: Array
    first: Array
    second: Array
    names: tuple[str, str] = ("first", "second")
    classes: tuple[str, ...] = ()
    codebook: str = ""
    counts: bool | None = None
    sizes: tuple[float, float, float] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        precision = max(_precision(getattr(self, key)) for key in ("pairs", "first", "second"))
        tables = {key: _table(key, getattr(self, key)) for key in ("pairs", "first", "second")}
        _check_shapes(tables)
        object.__setattr__(self, "names", _check_names(self.names))
        object.__setattr__(self, "classes", _check_classes(self.classes, tables["first"].shape[1]))
        object.__setattr__(self, "counts", _check_kind(tables, self.counts))
        if precision and not self.counts:
            tables = _in_double(tables, 8 * precision)
        for key, table in tables.items():
            object.__setattr__(self, key, table)
        sums = tuple(float(t.sum()) for t in tables.values()) if self.counts else None
        object.__setattr__(self, "sizes", sums if self.sizes is None else _check_sizes(self.sizes))
        freeze(*tables.values())

    @classmethod
    def from_joint(cls, joint: ArrayLike, *, names: tuple[str, str] = ("first", "second")) -> "PairTables":
        """Keep the margins of a joint (n1, n2, K), of probabilities or counts, and forget the rest."""
        joint = check_joint(joint)
        return cls(pairs=joint.sum(2), first=joint.sum(1), second=joint.sum(0), names=names)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n1, n2, K)."""
        return (*self.pairs.shape, self.first.shape[1])

    def __add__(self, other: "PairTables") -> "PairTables":
        """Add the counts of another site or batch; names, classes, codebook and shapes must agree."""
        if not isinstance(other, PairTables):
            return NotImplemented
        for what in ("names", "classes", "codebook", "shape"):
            mine, theirs = getattr(self, what), getattr(other, what)
            if mine != theirs:
                raise InputError(
                    f"tables with {what} {mine!r} and {theirs!r} were added",
                    expected=f"the same {what}",
                    next_step="code both samples with one codebook and name them alike",
                )
        if not (self.counts and other.counts):
            raise InputError(
                "tables of probabilities were added",
                expected="counts, which carry the sample sizes",
                next_step="build PairTables from counts",
            )
        return replace(
            self,
            pairs=self.pairs + other.pairs,
            first=self.first + other.first,
            second=self.second + other.second,
            sizes=None,
        )

    @cached_property
    def normalised(self) -> tuple[Array, Array, Array]:
        """The three raw tables as probabilities; their shared margins need not agree."""
        return self.pairs / self.pairs.sum(), self.first / self.first.sum(), self.second / self.second.sum()

    @cached_property
    def margins(self) -> tuple[Array, Array, Array]:
        """p12, p1y, p2y with shared margins that agree to rounding.

        Raises MarginsError, naming the worst margin and both values, if they differ by more than 1e-9.
        """
        p12, p1y, p2y = self.normalised
        shared = [
            (f"p({self.names[0]} = {{}})", p12.sum(1), p1y.sum(1), "pairs", f"labelled {self.names[0]}"),
            (f"p({self.names[1]} = {{}})", p12.sum(0), p2y.sum(1), "pairs", f"labelled {self.names[1]}"),
            ("p(class {})", p1y.sum(0), p2y.sum(0), *(f"labelled {name}" for name in self.names)),
        ]
        worst = max(shared, key=lambda margin: float(np.abs(margin[1] - margin[2]).max()))
        what, a, b, in_a, in_b = worst
        at = int(np.abs(a - b).argmax())
        if abs(a[at] - b[at]) > ROUNDING:
            digits = 6 if abs(a[at] - b[at]) > 1e-5 else 12
            raise MarginsError(
                f"{what.format(at)} is {a[at]:.{digits}g} in the {in_a} and {b[at]:.{digits}g} in the {in_b} table",
                expected=f"shared margins that agree within {ROUNDING:g}",
                next_step="call tables.reconcile(), which finds the closest consistent tables and tests the mismatch",
            )
        return repair_rounding(p12, p1y, p2y)

    def reconcile(self) -> tuple["PairTables", Reconciliation]:
        """Consistent tables by maximum likelihood, with the mismatch test and how far each table moved.

        Tables that some joint has are kept. Probabilities without sample sizes weigh the same. The result
        holds probabilities and keeps the sizes. Its identified set is never empty, since its margins are those
        of a joint.
        """
        sizes = self.sizes or (1.0, 1.0, 1.0)
        pairs, first, second = (size * table for size, table in zip(sizes, self.normalised, strict=True))
        have = have_a_joint(*self.normalised)
        fit = unmoved(*self.margins) if have else maximum_likelihood_tables(*as_batch(pairs, first, second))
        tested = self.sizes is not None
        mismatch = compare_margins(pairs, first, second, self.names) if tested else untested(self.names)
        moved = (float(fit.moved[0, 0]), float(fit.moved[0, 1]), float(fit.moved[0, 2]))
        tables = replace(self, pairs=fit.p12[0], first=fit.p1y[0], second=fit.p2y[0], counts=False, sizes=self.sizes)
        info = Reconciliation(mismatch=mismatch, moved=moved, slack=max(moved), iterations=fit.iterations)
        return tables, info

    def to_dict(self) -> dict:
        """Plain lists and strings, with a schema version."""
        return {
            "schema": SCHEMA,
            "names": list(self.names),
            "classes": list(self.classes),
            "codebook": self.codebook,
            "counts": self.counts,
            "sizes": list(self.sizes) if self.sizes else None,
            "pairs": self.pairs.tolist(),
            "first": self.first.tolist(),
            "second": self.second.tolist(),
        }

    @classmethod
    def from_dict(cls, data: object) -> "PairTables":
        """Inverse of `to_dict`; `schema`, `names`, `classes`, `codebook`, `counts` may be absent."""
        if not isinstance(data, dict) or not {"pairs", "first", "second"} <= data.keys():
            raise InputError(
                "tables without the keys pairs, first, second",
                expected=f"a JSON object of schema {SCHEMA}",
                next_step="see PairTables.to_json for the layout",
            )
        if data.get("schema", SCHEMA) != SCHEMA:
            raise InputError(
                f"schema {data['schema']!r}",
                expected=f"{SCHEMA!r}",
                next_step="write the file with this version of interplay",
            )
        return cls(
            pairs=data["pairs"],
            first=data["first"],
            second=data["second"],
            names=data.get("names", ("first", "second")),
            classes=data.get("classes", ()),
            codebook=str(data.get("codebook", "")),
            counts=data.get("counts"),
            sizes=data.get("sizes"),
        )

    def to_json(self, path: str | Path | None = None) -> str:
        """JSON text of the tables; written to `path` atomically if given."""
        text = json.dumps(self.to_dict(), ensure_ascii=False)
        if path is not None:
            write_text(path, text)
        return text

    @classmethod
    def from_json(cls, source: str | Path) -> "PairTables":
        """Read tables from a path. Raises FileError or InputError."""
        try:
            data = json.loads(Path(source).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FileError(
                f"{source} could not be read ({error})",
                expected="a JSON file of tables",
                next_step="check the path and the file",
            ) from error
        return cls.from_dict(data)


def check_joint(joint: ArrayLike, *, ndim: int = 3) -> Array:
    """A joint (..., n1, n2, K) as finite non-negative floats; the sum is checked by the tables it makes."""
    array = _numbers("joint", joint)
    if array.ndim != ndim or 0 in array.shape:
        raise ShapeError(
            f"joint of shape {array.shape}",
            expected=f"{ndim} axes, none empty, the last for the label",
            next_step="pass probabilities or counts as (x1, x2, y)",
        )
    return array


def _precision(values: ArrayLike) -> float:
    """Rounding of numbers that were given in less than double precision; else 0."""
    kind = getattr(values, "dtype", None)
    return float(np.finfo(kind).eps) if kind in (np.float16, np.float32) else 0.0


def _in_double(tables: dict[str, Array], rounding: float) -> dict[str, Array]:
    """Probabilities whose shared margins agree within `rounding`, made to agree exactly; others as they are."""
    p12, p1y, p2y = (t / t.sum() for t in tables.values())
    shared = ((p12.sum(1), p1y.sum(1)), (p12.sum(0), p2y.sum(1)), (p1y.sum(0), p2y.sum(0)))
    if max(float(np.abs(a - b).max()) for a, b in shared) > rounding:
        return tables
    return dict(zip(tables, repair_rounding(p12, p1y, p2y), strict=True))


def _numbers(key: str, values: ArrayLike) -> Array:
    try:
        if np.iscomplexobj(values):
            raise TypeError("complex numbers")
        array = np.array(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{key} that are not numbers ({error})",
            expected="a rectangular array of numbers",
            next_step="pass counts or probabilities",
        ) from error
    bad = ~np.isfinite(array) | (array < 0) | (array > LARGEST_COUNT)
    if bad.any():
        at = tuple(int(i) for i in np.argwhere(bad)[0])
        raise InputError(
            f"{key}{list(at)} is {array[at]:g}",
            expected="finite numbers from 0 to 2^53",
            next_step="correct this cell",
        )
    return array


def _table(key: str, values: ArrayLike) -> Array:
    array = _numbers(key, values)
    if array.ndim != 2 or 0 in array.shape:
        raise ShapeError(
            f"{key} of shape {array.shape}",
            expected="a table with two axes, none empty",
            next_step="see PairTables for the three shapes",
        )
    if array.sum() == 0:
        raise InputError(f"{key} with no mass", expected="at least one positive cell", next_step="add rows")
    return array


def _check_shapes(tables: dict[str, Array]) -> None:
    (n1, n2), (m1, k1), (m2, k2) = (t.shape for t in tables.values())
    if (n1, n2, k1) != (m1, m2, k2):
        raise ShapeError(
            f"pairs {(n1, n2)}, first {(m1, k1)}, second {(m2, k2)}",
            expected="shapes (n1, n2), (n1, K), (n2, K)",
            next_step="use the same codes in the pairs and the labelled tables, and the same classes",
        )


def _strings(what: str, values: object) -> tuple[str, ...]:
    if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
        raise InputError(f"{what} {values!r}", expected="a list of strings", next_step=f"put the {what} in a list")
    return tuple(str(v) for v in values)


def _check_sizes(sizes: Sequence[float]) -> tuple[float, float, float]:
    """The three sample sizes; a reconciled table keeps those of the counts it came from."""
    try:
        pairs, first, second = (float(s) for s in sizes)
    except (TypeError, ValueError):
        pairs = first = second = float("nan")
    if not all(0 < size <= LARGEST_COUNT for size in (pairs, first, second)):
        raise InputError(
            f"sizes {sizes!r}",
            expected="three positive numbers: rows of pairs, first and second",
            next_step="leave sizes out for counts, which carry them",
        )
    return pairs, first, second


def _check_names(names: Sequence[str]) -> tuple[str, str]:
    values = _strings("names", names)
    if len(values) != 2 or values[0] == values[1]:
        raise InputError(f"names {values}", expected="two different names", next_step="name each modality")
    return values[0], values[1]


def _check_classes(classes: Sequence[str], count: int) -> tuple[str, ...]:
    values = _strings("classes", classes) or tuple(str(c) for c in range(count))
    if len(values) != count or len(set(values)) != count:
        raise InputError(
            f"{len(values)} class names, {len(set(values))} of them different",
            expected=f"{count}, one a column",
            next_step="name each class once",
        )
    return values


def _check_kind(tables: dict[str, Array], counts: bool | None) -> bool:
    """Counts or probabilities; all three tables must be of one kind."""
    if not isinstance(counts, bool | np.bool_ | None):
        raise InputError(f"counts {counts!r}", expected="True, False or None", next_step="correct it")
    sums = {key: float(table.sum()) for key, table in tables.items()}
    normalised = all(abs(s - 1) <= 1e-6 for s in sums.values())
    integral = all(np.array_equal(t, np.round(t)) for t in tables.values())
    if counts is None:
        counts = integral and not normalised
    if not counts and not normalised:
        key, total = max(sums.items(), key=lambda item: abs(item[1] - 1))
        raise InputError(
            f"{key} sum to {total:.6g}",
            expected="probabilities that sum to 1, or counts in all three tables",
            next_step="divide by the sum, or pass counts=True for weighted counts",
        )
    return bool(counts)
