"""`interplay label`: which pairs to label first, and what the labels so far decide."""

import argparse

from interplay.advice.labeling import LabelPlan, plan_labels
from interplay.cli.data import add_data_arguments, add_interval_arguments, read_data
from interplay.cli.output import STREAM, answer, check_writable, note, write_target
from interplay.cli.progress import progress_bar
from interplay.cli.settings import settings_from
from interplay.cli.table import bold, clean, grid, wrap
from interplay.inputs import read_columns, select_column
from interplay.report.words import bits_range, percent_range, points_range

EXAMPLES = """examples:
  interplay label data --label y --budget 50 --out rows.csv
      # positions in the pairs, first row is 0
  interplay label data --label y --labels done.csv --out rows.csv
      # done.csv: columns row and y; rows.csv: the next rows

Label the rows of the plan and no others: they are drawn at random within cells.
The same data, flags and seed give the same plan, so labels of last week fit.
"""
SHOWN = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_data_arguments(parser)
    add = parser.add_argument
    add("--modality", action="append", metavar="M", help="a modality to be fused (all); repeat it for each")
    add("--budget", type=int, metavar="N", default=100, help="labels of the next round (100)")
    add("--target", choices=("accuracy", "synergy"), default="accuracy", help="what labels are to tell (accuracy)")
    add("--goal", choices=("decide", "narrow"), default="decide", help="decide soonest or narrow the range (decide)")
    add("--worth", type=float, metavar="P", default=0.02, help="gain, or bits of synergy, above which it counts (0.02)")
    add("--rounds", type=int, metavar="N", default=5, help="rounds of labels that you plan; intervals hold for all (5)")
    add("--labels", metavar="FILE", help="labels so far: columns row and the label column")
    add_interval_arguments(parser)
    add("--out", metavar="FILE", help="write the rows to label next (CSV)")


def execute(options: argparse.Namespace) -> int:
    """Read, plan or update, write, print."""
    settings = settings_from(options)
    if settings.out:
        check_writable(settings.out)
    data = read_data(settings)
    with progress_bar(quiet=settings.quiet) as progress:
        plan = plan_labels(
            **data,
            modalities=options.modality,
            budget=options.budget,
            target=options.target,
            goal=options.goal,
            worth=options.worth,
            looks=options.rounds,
            confidence=settings.confidence,
            codes=settings.codes,
            seed=settings.seed,
            progress=progress,
        )
        if options.labels:
            done = read_columns(options.labels)
            rows = select_column(done, "row", options.labels)
            plan = plan.update(rows, select_column(done, settings.label, options.labels))
    if settings.out:
        write_target(settings.out, "".join(f"{r}\n" for r in ("row", *plan.rows.tolist())))
    if settings.out != STREAM:
        answer(plan.to_dict(), lambda: plan_table(plan), json=settings.json, csv=settings.csv)
    if settings.out and settings.out != STREAM:
        note(f"rows: {settings.out}", quiet=settings.quiet)
    return 0


def plan_table(plan: LabelPlan) -> str:
    """Decision, ranges, then what to label and what it is expected to tell."""
    together = " and ".join(plan.names)
    head = {
        "fuse": f"Fuse {together}: the gain is worth it.",
        "do not fuse": f"Do not fuse {together}: the gain is not worth it.",
        "synergy": f"Synergy: {together} tell more together than apart, above {plan.worth:g} bits.",
        "no synergy": f"No synergy: at most {plan.worth:g} bits are told by {together} only together.",
        "undecided": f"Undecided: {_question(plan)} depends on labels that nobody has seen.",
    }[plan.decision]
    rows = [
        ("", f"{plan.gain.confidence:.0%} interval", "point"),
        ("best classifier", percent_range(*plan.accuracy.ci), percent_range(plan.accuracy.low, plan.accuracy.high)),
        ("gain over best single", points_range(*plan.gain.ci), points_range(plan.gain.low, plan.gain.high)),
    ]
    if plan.synergy is not None:
        rows.append(("synergy", bits_range(*plan.synergy.ci), bits_range(plan.synergy.low, plan.synergy.high)))
    counts = (
        f"{plan.worth:g} bits of synergy count"
        if plan.target == "synergy"
        else (f"fusing pays above {100 * plan.worth:g} points")
    )
    parts = [
        wrap(bold(clean(head))),
        grid(rows, titles={0}),
        f"labels so far: {len(plan.labelled)}; {counts}",
    ]
    if plan.stop:
        parts.append(f"{'Decided' if len(plan.rows) else 'Stop'}: the decision no longer depends on what is unknown.")
    if not plan.stop and not len(plan.rows):
        parts.append("No pair is left whose label would tell more: add pairs or labelled rows.")
    if len(plan.rows):
        parts += [_rows(plan), _cells(plan), _curve(plan)]
    return "\n\n".join([*parts, *(wrap(f"warning: {clean(w)}") for w in plan.warnings)])


def _rows(plan: LabelPlan) -> str:
    shown = ", ".join(map(str, plan.rows[: 2 * SHOWN]))
    return wrap(f"label next: rows {shown}{', ...' if len(plan.rows) > 2 * SHOWN else ''} ({len(plan.rows)} in all)")


def _cells(plan: LabelPlan) -> str:
    lines = [("codes", "pairs", "labels", f"can move the {'gain' if plan.target == 'accuracy' else 'synergy'} by")]
    for c in plan.cells[:SHOWN]:
        codes = " ".join(f"{clean(n)} {z}" for n, z in zip(plan.names, c.codes, strict=True))
        lines.append((codes, str(c.pairs), str(c.labels), _amount(plan, c.value)))
    return grid(lines, titles={0})


def _curve(plan: LabelPlan) -> str:
    lines = [("labels more", "expected width", "at worst")]
    lines += [(str(n.labels), _amount(plan, n.expected), _amount(plan, n.worst)) for n in plan.curve]
    return grid(lines, titles={0})


def _amount(plan: LabelPlan, value: float) -> str:
    """In the unit of what labels are to tell."""
    return f"{100 * value:.1f} points" if plan.target == "accuracy" else f"{value:.3f} bits"


def _question(plan: LabelPlan) -> str:
    together = " and ".join(plan.names)
    return f"whether fusing {together} is worth it" if plan.target == "accuracy" else f"the synergy of {together}"
