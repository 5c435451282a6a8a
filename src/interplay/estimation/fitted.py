"""The user's own classifiers, used as they are: probabilities checked, columns in the order of the classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.exceptions import NotFittedError

from interplay.errors import InputError, ShapeError
from interplay.information import Array
from interplay.inputs import to_array, to_features

ROUNDING = 1e-3  # rows of probabilities may miss a sum of 1 by this much
MISORDERED = 0.2  # share of labelled rows that another order of columns answers better: an order mixed up


class Fitted:
    """A classifier that is already fitted: asked for probabilities, never fitted again.

    classifier: anything with predict_proba(features) -> (n, K). classes: the labels of its columns; without it
    its `classes_`, else the sorted labels. It must not have been trained on the labelled rows that are passed.
    """

    def __init__(self, classifier: Any, *, classes: Sequence[Any] | None = None):
        self.classifier = classifier
        self.classes = classes

    def __call__(self, features: Any, name: str) -> Array:
        """Checked probabilities (n, K) of rows of modality `name`."""
        asked = to_features(features, f"the features of {name!r}") if isinstance(features, str | Path) else features
        return _checked(_asked(self.classifier, asked, name), name)

    def column_labels(self) -> Sequence[Any] | None:
        """Labels of the columns, if they are known."""
        return self.classes if self.classes is not None else getattr(self.classifier, "classes_", None)


class Probabilities:
    """Says that the features of a modality are class probabilities (n, K) already, of any model.

    classes: the labels of the columns; without it the sorted labels. For two classes one column, of the second,
    is enough. The model must not have been trained on these rows: nothing here can make up for that.
    """

    def __init__(self, *, classes: Sequence[Any] | None = None):
        self.classes = classes

    def __call__(self, features: Any, name: str) -> Array:
        """Checked probabilities (n, K) of rows of modality `name`."""
        p = to_features(features, f"the probabilities of {name!r}")
        return _checked(np.hstack([1 - p, p]) if p.shape[1] == 1 else p, name)

    def column_labels(self) -> Sequence[Any] | None:
        """Labels of the columns, if they are known."""
        return self.classes


Reader = Fitted | Probabilities


def readers_of(classifiers: Mapping[str, Any]) -> dict[str, Reader]:
    """Those classifiers that are not to be fitted; a FrozenEstimator of scikit-learn is one."""
    frozen = {n: Fitted(c.estimator) for n, c in classifiers.items() if type(c).__name__ == "FrozenEstimator"}
    return frozen | {n: c for n, c in classifiers.items() if isinstance(c, Fitted | Probabilities)}


class Columns:
    """What a reader's probabilities need to stand where classifiers are fitted: a fit that does nothing.

    classes_ (K,): position of each column's label among the sorted classes. kind: where they come from.
    """

    def __init__(self, positions: NDArray[np.intp], kind: str):
        self.classes_ = positions
        self.kind = kind

    def __sklearn_clone__(self) -> "Columns":
        return self

    def fit(self, features: NDArray, labels: NDArray, sample_weight: Array | None = None) -> "Columns":
        """Nothing to learn."""
        return self

    def predict_proba(self, features: NDArray) -> NDArray:
        """The probabilities that the features are."""
        return features


def bind(reader: Reader, name: str, probabilities: NDArray, labels: NDArray[np.intp], classes: NDArray) -> Columns:
    """The reader as an estimator for these classes. Raises where the columns cannot be theirs.

    probabilities (n, K), labels (n,): of the labelled rows, as positions in `classes`.
    """
    columns = reader.column_labels()
    known = [str(c) for c in classes]
    told = known if columns is None else [str(c) for c in columns]
    if probabilities.shape[1] != len(known) or sorted(told) != sorted(known):
        described = "" if columns is None else f" for classes {told}"
        raise InputError(
            f"{probabilities.shape[1]} columns of probabilities of {name!r}{described}",
            expected=f"one column for each of the labels {known}",
            next_step="train on the same classes, or name the columns with classes=[...]",
        )
    positions = np.array([known.index(c) for c in told], dtype=np.intp)
    _check_order(name, positions[probabilities.argmax(1)], labels, known)
    return Columns(positions, type(reader).__name__)


def _check_order(name: str, answers: NDArray[np.intp], labels: NDArray[np.intp], known: Sequence[str]) -> None:
    """Refuse columns that another order would make far more accurate."""
    agreed = np.zeros((len(known), len(known)))
    np.add.at(agreed, (answers, labels), 1 / len(labels))
    row, best = linear_sum_assignment(-agreed)
    now, possible = float(np.trace(agreed)), float(agreed[row, best].sum())
    if possible - now > MISORDERED:
        raise InputError(
            f"probabilities of {name!r} that are right for {now:.0%} of its labelled rows, and for {possible:.0%} "
            "with their columns in another order",
            expected=f"columns in the order {list(known)}",
            next_step="name the columns with classes=[...] in their true order",
        )


def _asked(classifier: Any, features: Any, name: str) -> Any:
    if not hasattr(classifier, "predict_proba"):
        raise InputError(
            f"a fitted classifier of {name!r} of type {type(classifier).__name__}",
            expected="an object with predict_proba",
            next_step="wrap it in a class with predict_proba, or pass its probabilities and Probabilities()",
        )
    try:
        return classifier.predict_proba(features)
    except NotFittedError as error:
        raise InputError(
            f"a classifier of {name!r} that is not fitted",
            expected="a fitted one inside Fitted()",
            next_step="fit it first, or pass it without Fitted() to have it fitted here",
        ) from error
    except ValueError as error:
        raise InputError(
            f"a classifier of {name!r} that cannot use these features ({str(error).splitlines()[0]})",
            expected="the features that it was fitted on",
            next_step="pass the same columns in the same order",
        ) from error


def _checked(value: Any, name: str) -> Array:
    p = to_array(value, f"the probabilities of {name!r}")
    if p.ndim != 2 or p.shape[1] < 2:
        raise ShapeError(
            f"probabilities of {name!r} of shape {p.shape}",
            expected="(rows, classes), two or more classes",
            next_step="pass one column a class",
        )
    p = p.astype(np.float64)
    off = np.abs(p.sum(1) - 1)
    if not np.isfinite(p).all() or p.min(initial=0) < 0 or off.max(initial=0) > ROUNDING:
        row = int(np.argmax(np.where(np.isfinite(off), off, np.inf) + 2 * (p < 0).any(1)))
        raise InputError(
            f"probabilities of {name!r} with the row {row}: {np.array2string(p[row], precision=4)}",
            expected="numbers from 0 to 1 that sum to 1 in every row",
            next_step="apply a softmax to scores first",
        )
    return p
