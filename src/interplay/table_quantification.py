"""From count tables alone to every range with its confidence interval, for those who cannot share rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from interplay.errors import InputError
from interplay.estimation.atoms import atom_estimates
from interplay.estimation.best_accuracy import best_accuracy_estimates
from interplay.estimation.chance import above_chance, code_p_value
from interplay.estimation.counts import CodedSet, PairCounts
from interplay.estimation.drawn import draw_tables
from interplay.estimation.tabulation import check_rows
from interplay.information import Array
from interplay.mismatch import Mismatch
from interplay.results import Estimate
from interplay.tables import PairTables

MOST_ROWS = 1e8  # are drawn again one by one: 0.8 GB


@dataclass(frozen=True, kw_only=True, eq=False)
class TableResult:
    """What counts of codes say; estimates in bits or as probabilities, by modality name where there are two.

    reconciled: the likeliest consistent tables. mismatch: test of one population. gain: of the best fused
    classifier over the better single modality's best rule, on codes.
    """

    tables: PairTables
    reconciled: PairTables
    mismatch: Mismatch
    information: Mapping[str, Estimate]
    redundancy: Estimate
    unique: Mapping[str, Estimate]
    synergy: Estimate
    total: Estimate
    accuracy: Estimate
    gain: Estimate

    def __str__(self) -> str:
        rows: list[tuple[str, Estimate]] = [("best fused", self.accuracy), ("gain", self.gain)]
        rows += [("redundancy", self.redundancy)]
        rows += [(f"unique to {n}", e) for n, e in self.unique.items()]
        rows += [("synergy", self.synergy), ("total", self.total)]
        width = max(len(label) for label, _ in rows)
        return "\n".join(f"{label:<{width}}  {e}" for label, e in rows)


def quantify_tables(
    tables: PairTables, *, confidence: float = 0.95, replicates: int = 200, seed: int = 0
) -> TableResult:
    """How two modalities interact for a label, from counts of their codes: no rows, no classifier.

    tables: counts of independent rows, one row a count (`tables_from_codes` counts codes). The codes must have
    been fixed without these rows, or by folds as `interplay.quantify` does it. No accuracy is promised above chance
    unless Pearson's test says that a code tells anything; with codes by folds it errs more often than its level says.
    confidence, replicates, seed: of the bootstrap, in which each table is drawn again from its own counts. Cost depends
    on the numbers of codes, hardly on the counts. Raises InputError for probabilities or weighted counts, which do not
    say how many rows there are, and for a single class.
    """
    _check(tables, confidence, replicates)
    pairs, first, second = (_set(t) for t in (tables.pairs, tables.first, tables.second))
    counts = PairCounts(names=tables.names, shape=tables.shape, pairs=pairs, first=first, second=second)
    draws = draw_tables(counts.sets, counts.shape, replicates, np.random.default_rng(seed))
    accuracy, gain = best_accuracy_estimates(draws, confidence=confidence, looks=1)
    accidents = [code_p_value(t) for t in (tables.first, tables.second)]
    reconciled, info = tables.reconcile()
    return TableResult(
        tables=tables,
        reconciled=reconciled,
        mismatch=info.mismatch,
        accuracy=above_chance(accuracy, counts.labelled, accidents, looks=1),
        gain=gain,
        **atom_estimates(tables.names, draws, confidence=confidence, looks=1),
    )


def _set(table: Array) -> CodedSet:
    """The rows that a table of counts stands for."""
    cells = np.repeat(np.arange(table.size), table.ravel().astype(np.intp))
    return CodedSet(cells=cells, cell_count=table.size, weights=None, groups=None)


def _check(tables: PairTables, confidence: float, replicates: int) -> None:
    if not 0.5 <= confidence < 1:
        raise InputError(f"confidence={confidence}", expected="a number from 0.5 to below 1", next_step="pass 0.95")
    if replicates < 20:
        raise InputError(f"replicates={replicates}", expected="at least 20", next_step="leave it at 200")
    check_rows(tables)
    rows = max(float(t.sum()) for t in (tables.pairs, tables.first, tables.second))
    if rows > MOST_ROWS:
        raise InputError(
            f"{rows:.3g} rows in a table",
            expected=f"at most {MOST_ROWS:.0g} a table; beyond, chance hardly moves them",
            next_step="reconcile the tables and call bound_accuracy and bound_synergy",
        )
    if tables.shape[2] < 2:
        raise InputError("a single class", expected="at least two", next_step="add rows of another class")
