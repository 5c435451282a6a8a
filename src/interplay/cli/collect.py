"""`interplay collect`: which modality to collect next."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from interplay.advice.collection import Candidate, Collection, collect
from interplay.cli.columns import feature_names, take
from interplay.cli.data import add_data_arguments, add_interval_arguments, read_data, read_pairs
from interplay.cli.output import answer
from interplay.cli.progress import progress_bar
from interplay.cli.settings import RunSettings, settings_from
from interplay.cli.table import bold, clean, grid, wrap
from interplay.errors import InputError
from interplay.report.words import percent_range, points
from interplay.samples import PAIRS

EXAMPLES = """examples:
  interplay collect data --label y --have image   # every other one is a candidate
  interplay collect data --label y --have image --have text --cost audio=3 \\
      --cost depth=10 --required 0.9
  interplay collect data --label y --have image --candidate depth='depth_*'
      # pairs show it, no labels yet
  interplay collect --label y --have image --labeled image=i.csv \\
      --labeled audio=a.csv --labeled depth=d.csv \\
      --pairs-with audio=image_audio.csv --pairs-with depth=image_depth.csv
      # each seen on rows of its own

A labelled modality without columns in the file of pairs is a candidate with
labels only.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_data_arguments(parser)
    add = parser.add_argument
    add("--have", action="append", metavar="M", help="a modality that you have; may be repeated")
    add("--candidate", action="append", metavar="M[=COLUMNS]", help="a candidate (all others); with columns: no labels")
    add("--pairs-with", action="append", metavar="M=FILE", help="pairs of what you have and M alone; once a candidate")
    add("--cost", action="append", metavar="M=COST", help="cost of a candidate, in any unit")
    add("--required", type=float, metavar="P", help="accuracy that is needed")
    add_interval_arguments(parser)


def execute(options: argparse.Namespace) -> int:
    """Read, rank, print."""
    own = _named(options.pairs_with, "pairs-with")
    together = bool(options.pairs or options.data or options.config)
    if own and not together:
        options.pairs = next(iter(own.values()))
    settings = settings_from(options)
    data = read_data(settings, unpaired=True)
    candidates = _add_unlabeled(options.candidate, data, settings, own)
    if own:
        _split_pairs(data, settings, options.have or (), own, together=together)
    costs = {name: _number(value, name) for name, value in _named(options.cost, "cost").items()}
    with progress_bar(quiet=settings.quiet) as progress:
        found = collect(
            **data,
            have=options.have or (),
            candidates=candidates,
            costs=costs or None,
            required=options.required,
            confidence=settings.confidence,
            codes=settings.codes,
            seed=settings.seed,
            progress=progress,
        )
    answer(found.to_dict(), lambda: collection_table(found), json=settings.json, csv=settings.csv)
    return 0


def _add_unlabeled(
    told: Sequence[str] | None, data: dict[str, Any], settings: RunSettings, own: Mapping[str, str]
) -> list[str] | None:
    """Names of the candidates; features of those that only pairs show are added to the pairs."""
    if not told:
        return None
    names = []
    for text in told:
        name, sign, selector = text.partition("=")
        names.append(name)
        if name not in data["labeled"]:
            from_file = replace(settings, pairs=own.get(name, settings.pairs))
            columns = read_pairs(from_file)
            chosen = feature_names(columns, name, selector if sign else None, other=None)
            data["pairs"][name] = take(columns, chosen, name, selector or None, from_file.pairs)
    return names


def _split_pairs(
    data: dict[str, Any], settings: RunSettings, have: Sequence[str], own: Mapping[str, str], *, together: bool
) -> None:
    """Pairs (and their groups and weights) by candidate, those with a file of their own from there.

    together: whether the others are in one file with what one has.
    """
    shared, aside = data["pairs"], ("groups", "sample_weight")
    pairs: dict[str, Any] = {}
    if together:
        owned = {m: shared[m] for m in have if m in shared}
        pairs = {m: {**owned, m: x} for m, x in shared.items() if m not in have}
    of_pairs = {what: dict.fromkeys(pairs, data[what][PAIRS]) for what in aside if data[what]}
    for name, path in own.items():
        names = [*have, name] if name in data["labeled"] else list(have)
        wanted = {m: file for m, file in settings.labeled.items() if m in names}
        found = read_data(replace(settings, pairs=path, labeled=wanted))
        pairs[name] = found["pairs"] | ({} if name in names else {name: _unlabeled(shared, name)})
        for what, values in of_pairs.items():
            values[name] = found[what][PAIRS]
    data["pairs"] = pairs
    for what, values in of_pairs.items():
        data[what] = data[what] | {PAIRS: values}


def _unlabeled(shared: Mapping[str, Any], name: str) -> Any:
    """Features of a candidate without labels, which must have been named."""
    if name not in shared:
        raise InputError(
            f"--pairs-with {name}=..., a modality without labelled rows",
            expected="a labelled modality, or a candidate that is named with its columns",
            next_step=f"add --labeled {name}=FILE, or --candidate {name}='{name}_*'",
        )
    return shared[name]


def _named(values: Sequence[str] | None, flag: str) -> dict[str, str]:
    found = {}
    for value in values or ():
        name, sign, text = value.partition("=")
        if not (name and sign and text) or name in found:
            raise InputError(
                f"--{flag} {value}",
                expected="MODALITY=VALUE, once a modality",
                next_step=f"write --{flag} audio={'3' if flag == 'cost' else 'FILE'}",
            )
        found[name] = text
    return found


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InputError(
            f"--cost {name}={text}", expected="a positive number", next_step=f"write --cost {name}=3"
        ) from error


def collection_table(found: Collection) -> str:
    """Verdict, then one line a candidate, best first."""
    head = ("candidate", "guaranteed", "likely", "at most", "accuracy with it")
    have = clean(" + ".join(found.have))
    lines = [head, *(_line(c) for c in found.ranking)]
    parts = [
        wrap(bold(clean(found.verdict))),
        grid(lines, titles={0}),
        f"{have} now: {percent_range(*found.baseline.ci)} ({found.baseline.confidence:.0%} interval)",
    ]
    return "\n\n".join([*parts, *(wrap(f"warning: {clean(w)}") for w in found.warnings)])


def _line(c: Candidate) -> tuple[str, ...]:
    cost = "" if c.cost is None else f", cost {c.cost:g}"
    need = "" if c.reaches is None else f"; required accuracy {c.reaches}"
    return (
        f"{clean(c.name)} ({c.evidence}{cost})",
        points(max(c.gain.limits[0], 0.0)),
        points(c.likely_gain),
        points(c.gain.limits[1]),
        percent_range(*c.accuracy.ci) + need,
    )
