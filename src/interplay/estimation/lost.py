"""Information about the label that codes lose, of all that a modality's class probabilities tell."""

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.codes import fit_codebook
from interplay.information import Array, mutual_information, to_bits

Ints = NDArray[np.intp]
ROWS_PER_CELL = 40  # labelled rows a cell of class probabilities
MOST_CELLS = 40
REFERENCE_ROWS = 5000  # pairs by which the probabilities are divided into cells


def information_lost(labels: Ints, codes: Ints, posteriors: Array, reference: Array, weights: Array | None) -> float:
    """I(Y; cell) - I(Y; code) in bits, at least 0, each less its Miller-Madow bias.

    labels, codes (n,) and posteriors (n, K) of labelled rows; reference (m, K): class probabilities of pairs, which
    are divided into cells as fine as the labelled rows can fill, the same in all folds. If the cells tell what the
    modality does, redundancy and the union information of the modalities exceed those of the codes by no more than
    the codes of both lose (see the theory's "Codes and data processing").
    """
    count = min(len(labels) // ROWS_PER_CELL, MOST_CELLS)
    if count < 2:
        return 0.0
    few = reference[np.random.default_rng(0).permutation(len(reference))[:REFERENCE_ROWS]]
    book = fit_codebook("posterior" if posteriors.shape[1] == 2 else "kmeans", count, few, few, seed=0)
    cells = book.codes(posteriors, posteriors)
    told = [_corrected(symbols, labels, posteriors.shape[1], weights) for symbols in (cells, codes)]
    return max(told[0] - told[1], 0.0)


def _corrected(symbols: Ints, labels: Ints, classes: int, weights: Array | None) -> float:
    """Mutual information of symbols and labels, less the bias of plugging in counts (Miller 1955)."""
    table = np.bincount(symbols * classes + labels, weights=weights, minlength=(symbols.max() + 1) * classes)
    table = table.reshape(-1, classes)
    rows = len(labels) if weights is None else weights.sum() ** 2 / (weights**2).sum()
    seen = (table > 0).sum() - (table.sum(1) > 0).sum() - (table.sum(0) > 0).sum() + 1
    return float(mutual_information(table / table.sum())) - to_bits(float(seen) / (2 * rows))
