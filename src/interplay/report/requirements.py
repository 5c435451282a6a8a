"""Requirements on a result, such as `accuracy.low >= 0.85`, for those who let a machine decide."""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interplay.errors import InputError, UnknownNameError

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
STATEMENT = re.compile(r"^\s*(?P<left>.+?)\s*(?P<sign>>=|<=|==|!=|>|<)\s*(?P<right>.+?)\s*$")
STEP = re.compile(r"""\[(?P<index>\d+)\]|\[(?P<quote>["'])(?P<key>.*?)(?P=quote)\]|(?:^|\.)(?P<word>[^.\[\]]+)""")
QUOTED = re.compile(r"""\[(["']).*?\1\]""")
ENDS = {"low": 0, "high": 1}  # ci.low is ci[0]
EXAMPLE = "'accuracy.low >= 0.85', 'guarantee.ci.low > unimodal.image.low' or 'warnings.count == 0'"


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One statement about a result, with what the result says. nan marks a number that is not given."""

    statement: str
    left: float
    right: float
    holds: bool

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "FAILS"
        return f"{verdict}: {self.statement} ({self.left:.6g} against {self.right:.6g})"


def require(document: Mapping[str, Any], statement: str) -> Requirement:
    """Whether `left OPERATOR right` holds in a result's document; each side is a number or a path into it.

    Paths: names joined by dots, positions and names with dots in brackets (`unique["a.b"].low`), `ci.low` for
    `ci[0]`, `.count` for the length of a list. A number that the result does not give (null) fails every
    requirement. Raises InputError for a statement that cannot be read, UnknownNameError for a wrong path.
    """
    match = STATEMENT.match(QUOTED.sub(lambda m: "_" * len(m[0]), statement))  # signs in names are no operators
    if match is None:
        raise InputError(
            f"the requirement {statement!r}", expected="NAME OPERATOR NUMBER", next_step=f"write for example {EXAMPLE}"
        )
    left, right = (_side(document, statement[slice(*match.span(side))], statement) for side in ("left", "right"))
    given = math.isfinite(left) and math.isfinite(right)
    holds = given and OPERATORS[match["sign"]](left, right)
    return Requirement(statement=statement.strip(), left=left, right=right, holds=holds)


def _side(document: Mapping[str, Any], text: str, statement: str) -> float:
    try:
        return float(text)
    except ValueError:
        value = look_up(document, text)
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        kind = "an estimate; add .low, .high, .ci.low or .ci.high" if isinstance(value, Mapping) else "not a number"
        raise InputError(
            f"{text!r} in {statement!r} is {kind}", expected="a number", next_step=f"write for example {EXAMPLE}"
        )
    return float(value)


def look_up(document: Mapping[str, Any], path: str) -> Any:
    """The value at a path. Raises UnknownNameError naming what is there instead."""
    value: Any = document
    at = 0
    while at < len(path):
        match = STEP.match(path, at)
        if match is None:
            raise _unknown(path, value)
        value = _step(value, match, path)
        at = match.end()
    return value


def _step(value: Any, match: re.Match[str], path: str) -> Any:
    key = match["key"] or match["word"]
    if isinstance(value, Sequence) and not isinstance(value, str):
        if key == "count":
            return len(value)
        position = ENDS.get(key or "", -1) if match["index"] is None else int(match["index"])
        if 0 <= position < len(value):
            return value[position]
    elif isinstance(value, Mapping) and key in value:
        return value[key]
    raise _unknown(path, value)


def _unknown(path: str, value: Any) -> UnknownNameError:
    known = list(value) if isinstance(value, Mapping) else []
    return UnknownNameError(
        f"the result has no {path!r}",
        expected=f"names among {', '.join(map(str, known[:12]))}" if known else "a path such as accuracy.low",
        next_step=f"write for example {EXAMPLE}",
    )
