"""What a check of the data found: sentences with a place, a weight and a next step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Weight = Literal["error", "warning", "note"]
WEIGHTS: tuple[Weight, ...] = ("error", "warning", "note")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found. weight: "error" (nothing can be computed), "warning" (answers may mislead) or "note".

    where: the set it was found in. what: the fact, with counts. next_step: what to do about it.
    """

    weight: Weight
    where: str
    what: str
    next_step: str


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """All findings, the heaviest first, and the size of each set.

    sizes: set -> (rows, features); features is 0 for sets that could not be read.
    """

    findings: tuple[Finding, ...]
    sizes: Mapping[str, tuple[int, int]]

    @property
    def usable(self) -> bool:
        """Whether `quantify` can run on these data: no finding is an error."""
        return all(f.weight != "error" for f in self.findings)

    def of_weight(self, weight: Weight) -> tuple[Finding, ...]:
        """The findings of one weight."""
        return tuple(f for f in self.findings if f.weight == weight)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, schema interplay/check/1."""
        return {
            "schema": "interplay/check/1",
            "usable": self.usable,
            "sizes": {name: {"rows": rows, "features": width} for name, (rows, width) in self.sizes.items()},
            "findings": [vars(f) for f in self.findings],
        }

    def __str__(self) -> str:
        lines = [f"{f.weight}: {f.where}: {f.what}. Next: {f.next_step}." for f in self.findings]
        return "\n".join(lines) or "Nothing is wrong with these data."


def sorted_findings(findings: list[Finding]) -> tuple[Finding, ...]:
    """The heaviest first, otherwise in the order found."""
    return tuple(sorted(findings, key=lambda f: WEIGHTS.index(f.weight)))
