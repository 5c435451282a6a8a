"""The JSON twin of a result, read once: checked, with nan for what is not given."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interplay.errors import InputError

SCHEMA = "interplay/result/1"
ESTIMATES = ("accuracy", "guarantee", "gain", "redundancy", "synergy", "total")
BY_MODALITY = ("unimodal", "unique", "information")


@dataclass(frozen=True, kw_only=True)
class Range:
    """One estimate: low and high ends, confidence interval, one-sided limits; nan where not given."""

    low: float = math.nan
    high: float = math.nan
    ci: tuple[float, float] = (math.nan, math.nan)
    limits: tuple[float, float] = (math.nan, math.nan)
    confidence: float = math.nan
    unit: str = ""
    how: str = ""
    p_value: float = math.nan

    @property
    def ends(self) -> tuple[float, ...]:
        """The four numbers that a picture has to make room for, without the missing ones."""
        return tuple(v for v in (self.low, self.high, *self.ci) if math.isfinite(v))


@dataclass(frozen=True, kw_only=True)
class Gap:
    """The largest certified gap of one solver, on the sample's tables and on replicates; nan where not given."""

    what: str
    solver: str
    unit: str
    tables: float
    gap: float
    replicate_gap: float
    tolerance: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The estimates of the whole result or of one pair of modalities."""

    modalities: tuple[str, ...]
    accuracy: Range
    guarantee: Range
    gain: Range
    redundancy: Range
    synergy: Range
    total: Range
    unimodal: Mapping[str, Range]
    unique: Mapping[str, Range]
    information: Mapping[str, Range]
    ladder: tuple[tuple[str, float, str], ...]
    mismatch: Mapping[str, float]
    tables: Mapping[str, Any] = field(default_factory=dict)
    rule: tuple[tuple[int, ...], ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """The range at one value of what can be chosen; nan where not given."""

    at: float
    low: float
    high: float
    ci: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A range, or with shows="width" the width of one, against something that can be chosen: codes, labels, slack."""

    title: str
    note: str
    x_label: str
    unit: str
    points: tuple[CurvePoint, ...]
    shows: str = "range"
    x_unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """The whole twin. `whole` holds the top-level answers, `pairs` those of each pair.

    title and description are there only if whoever wrote the file knows what the data are about.
    """

    whole: Answers
    pairs: tuple[Answers, ...]
    classes: tuple[str, ...]
    entropy: float
    majority: float
    best_single: str
    chosen: tuple[str, ...]
    verdict: str
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...]
    next_steps: tuple[str, ...]
    truth: Mapping[str, float]
    labeled_rows: Mapping[str, float]
    pair_rows: float
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]
    version: str
    title: str = ""
    description: str = ""
    curves: tuple[Curve, ...] = ()

    @property
    def modalities(self) -> tuple[str, ...]:
        return self.whole.modalities


def number(value: Any) -> float:
    """A float; nan for null and for anything that is not a number."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if good and math.isfinite(value) else math.nan


def read_document(data: object) -> Document:
    """Check and read the twin. Raises InputError (one line) if it is of another schema or damaged."""
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, Mapping) else type(data).__name__
        raise InputError(
            f"a result of schema {found!r}",
            expected=repr(SCHEMA),
            next_step="write the file with Result.to_json of this version of interplay",
        )
    try:
        return _read(data)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"a damaged result ({type(error).__name__}: {error})",
            expected=f"the layout of {SCHEMA}",
            next_step="write the file again with Result.to_json",
        ) from error


def _read(data: Mapping[str, Any]) -> Document:
    modalities = _texts(data["modalities"])
    if not modalities:
        raise ValueError("no modalities")
    return Document(
        whole=_answers(data, modalities),
        pairs=tuple(_pair(pair) for pair in data.get("pairs") or ()),
        classes=_texts(data.get("classes")),
        entropy=number(data.get("label_entropy")),
        majority=number(data.get("majority")),
        best_single=str(data.get("best_single") or ""),
        chosen=_texts(data.get("chosen_pair")),
        verdict=str(data.get("verdict") or ""),
        warnings=_texts(data.get("warnings")),
        assumptions=_texts(data.get("assumptions")),
        next_steps=_texts(data.get("next_steps")),
        truth=_numbers(data.get("truth")),
        labeled_rows=_numbers(_mapping(data.get("sizes")).get("labeled")),
        pair_rows=number(_mapping(data.get("sizes")).get("pairs")),
        settings=_settings(_mapping(data.get("settings"))),
        inputs={str(k): str(v) for k, v in (data.get("inputs") or {}).items()},
        version=str(data.get("version") or ""),
        title=str(data.get("title") or ""),
        description=str(data.get("description") or ""),
        curves=tuple(_curve(c) for c in data.get("curves") or ()),
    )


def _curve(data: Mapping[str, Any]) -> Curve:
    """A curve's points in order, those without a place left out."""
    points = []
    for point in data.get("points") or ():
        ci = point.get("ci") or (None, None)
        ends = {"low": number(point.get("low")), "high": number(point.get("high"))}
        points.append(CurvePoint(at=number(point.get("at")), ci=(number(ci[0]), number(ci[1])), **ends))
    return Curve(
        title=str(data.get("title") or ""),
        note=str(data.get("note") or ""),
        x_label=str(data.get("x_label") or ""),
        unit=str(data.get("unit") or ""),
        points=tuple(sorted((p for p in points if math.isfinite(p.at)), key=lambda p: p.at)),
        shows=str(data.get("shows") or "range"),
        x_unit=str(data.get("x_unit") or ""),
    )


def _pair(data: Mapping[str, Any]) -> Answers:
    return _answers(data, _texts(data["modalities"]))


def _answers(data: Mapping[str, Any], modalities: tuple[str, ...]) -> Answers:
    mismatch = _mapping(data.get("mismatch"))
    tests = {**_mapping(mismatch.get("p_values")), "all together": mismatch.get("p_value")}
    parts: dict[str, Any] = {key: _range(data.get(key)) for key in ESTIMATES}
    for key in BY_MODALITY:
        parts[key] = {str(m): _range(e) for m, e in _mapping(data.get(key)).items()}
    return Answers(
        modalities=modalities,
        **parts,
        ladder=tuple(
            (str(r["rung"]), number(r.get("accuracy")), str(r.get("assumption") or ""))
            for r in data.get("ladder") or ()
        ),
        mismatch=_numbers(tests),
        tables=_mapping(data.get("tables")),
        rule=tuple(tuple(_position(c) for c in row) for row in data.get("rule") or ()),
        gaps=tuple(_gap(g) for g in data.get("certificates") or ()),
    )


def _gap(data: Mapping[str, Any]) -> Gap:
    tolerance = data.get("tolerance") or (None, None)
    return Gap(
        what=str(data.get("what") or ""),
        solver=str(data.get("solver") or ""),
        unit=str(data.get("unit") or ""),
        tables=number(data.get("tables")),
        gap=number(data.get("gap")),
        replicate_gap=number(data.get("replicate_gap")),
        tolerance=(number(tolerance[0]), number(tolerance[1])),
    )


def _position(value: Any) -> int:
    """A class position; -1 for what cannot be one."""
    return int(value) if 0 <= value < 2**31 else -1


def _range(data: Any) -> Range:
    if data is None:
        return Range()
    ci, limits = data.get("ci") or (None, None), data.get("limits") or (None, None)
    return Range(
        low=number(data.get("low")),
        high=number(data.get("high")),
        ci=(number(ci[0]), number(ci[1])),
        limits=(number(limits[0]), number(limits[1])),
        confidence=number(data.get("confidence")),
        unit=str(data.get("unit") or ""),
        how=str(data.get("how") or ""),
        p_value=number(data.get("p_value")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError("a text where a list belongs")
    return tuple(str(v) for v in value or ())


def _numbers(value: Any) -> Mapping[str, float]:
    return {str(k): number(v) for k, v in _mapping(value).items()}


def _settings(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """One line a setting; those by modality get a line for each."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}: {m}": v for m, v in value.items()}
        else:
            flat[str(key)] = value
    return flat


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"a {type(value).__name__} where an object belongs")
    return value
