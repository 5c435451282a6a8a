"""`interplay count`: codes in files become three tables of counts, which can be shared where rows cannot."""

import argparse

from interplay.cli.output import STREAM, answer, check_writable, note, write_target
from interplay.cli.settings import settings_from
from interplay.cli.table import clean, grid
from interplay.errors import UnknownNameError
from interplay.estimation.streamed import tables_from_files
from interplay.tables import PairTables

EXAMPLES = """examples:
  interplay count data --label y --out tables.json
      # columns named like the modalities hold the codes
  interplay count --labeled image=images.parquet --labeled text=texts.csv \\
      --pairs pairs.parquet --label y --features image=image_code \\
      --features text=cluster --out tables.json
  interplay count data --label y --out - | interplay bounds - --confidence 0.95

Codes are whole numbers from 0, from one codebook that was fixed without these
rows. Files are read in batches, so they may be larger than memory. Tables of
several sites add: PairTables.from_json(a) + PairTables.from_json(b).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("data", nargs="?", metavar="DATA", help="folder with pairs.* and one file a modality, or a TOML file")
    add("--labeled", action="append", metavar="M=FILE", help="labelled rows of modality M (.parquet .csv .tsv .npz)")
    add("--pairs", metavar="FILE", help="unlabelled rows with the codes of both modalities")
    add("--label", metavar="COLUMN", help="label column of the labelled files")
    add("--features", action="append", metavar="M=COLUMN", help="the column of M's codes (default: named like M)")
    add("--codebook", metavar="NAME", default="", help="what made the codes; tables of other codes do not add")
    add("--config", metavar="FILE", help="TOML file with the same words")
    add("--out", metavar="FILE", help="write the tables (JSON), or - for stdout")


def execute(options: argparse.Namespace) -> int:
    """Count, write, print."""
    settings = settings_from(options)
    if len(settings.labeled) != 2:
        raise UnknownNameError(
            f"{len(settings.labeled)} modalities ({', '.join(settings.labeled)})",
            expected="two",
            next_step="name two with --labeled and --pairs, and count each pair of modalities",
        )
    if settings.out:
        check_writable(settings.out)
    tables = tables_from_files(
        labeled=settings.labeled,
        pairs=settings.pairs,
        codes={m: settings.features.get(m, m) for m in settings.labeled},
        label=settings.label,
        codebook=options.codebook,
    )
    if settings.out:
        write_target(settings.out, tables.to_json())
    if settings.out != STREAM:
        answer(tables.to_dict(), lambda: _table(tables), json=settings.json, csv=settings.csv)
    if settings.out and settings.out != STREAM:
        note(f"tables: {settings.out}", quiet=settings.quiet)
    return 0


def _table(tables: PairTables) -> str:
    """How many rows and codes were counted."""
    n1, n2, _ = tables.shape
    one, two = (clean(n) for n in tables.names)
    rows = [("", "rows", "codes", "classes")]
    for what, table, codes in ((one, tables.first, n1), (two, tables.second, n2)):
        rows.append((f"{what}, labelled", f"{table.sum():,.0f}", str(codes), ", ".join(map(clean, tables.classes))))
    rows.append((f"pairs of {one} and {two}", f"{tables.pairs.sum():,.0f}", f"{n1} x {n2}", ""))
    return grid(rows, titles={0})
