"""What a study is: a claim, parts that can be computed apart, and how their results become a verdict and a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Status = Literal["Reproduced", "Reproduced, but", "Not reproduced"]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a run is asked for. data: folder with the user's data sets, or None."""

    seed: int = 0
    quick: bool = False
    data: str | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of work: `work(**arguments)` returns plain data. key: name among the parts of its study.

    The arguments are plain data too: a part is done once for the same arguments and version.
    """

    key: str
    work: Callable[..., Json]
    arguments: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Was the claim reproduced, and the sentence that says so; its numbers stand in the results."""

    status: Status
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Study:
    """One result of the paper. combine: results of the parts, in order -> results of the study.

    judge, body (Markdown) and pictures (name -> SVG) see these results and nothing else. why: where and why the paper
    and interplay differ, in words.
    """

    name: str
    title: str
    claim: str
    why: str
    parts: Callable[[Scope], list[Part]]
    combine: Callable[[list[Json]], Json]
    judge: Callable[[Json], Verdict]
    body: Callable[[Json], str]
    pictures: Callable[[Json], dict[str, str]]


def chunked(total: int, size: int) -> list[int]:
    """`total` as sizes of at most `size`."""
    return [min(size, total - i) for i in range(0, total, size)]


def markdown_table(head: list[str], rows: list[list[str]]) -> str:
    """A table with the first column to the left and the rest to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def figure(value: float | None, digits: int = 3) -> str:
    """A number with fixed decimals, without a minus before zero; a dash where there is none."""
    if value is None:
        return "-"
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text
