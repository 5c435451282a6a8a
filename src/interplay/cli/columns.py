"""Which columns of a file are the features of a modality; labelled file and pairs in one order."""

from collections.abc import Iterable, Mapping, Sequence

from numpy.typing import NDArray

from interplay.errors import UnknownNameError
from interplay.inputs import Columns, select_features


def feature_names(columns: Columns, modality: str, selector: str | None, *, other: Iterable[str] | None) -> list[str]:
    """Names of a modality's feature columns, in the order of the file.

    selector: a column, a list "a,b" or a prefix "img_*"; without it a column named like the modality
    (or X_modality, as in .npz files), else columns with the prefix "modality_" or "modality.", else, in
    a labelled file, every numeric column except those in `other` (None for the file of pairs).
    """
    if selector is not None:
        return _selected(columns, selector)
    for name in (modality, f"X_{modality}"):
        if name in columns:
            return [name]
    prefixed = [name for name in columns if name.startswith((f"{modality}_", f"{modality}."))]
    if prefixed:
        return prefixed
    taken = None if other is None else set(other)
    return [n for n, c in columns.items() if taken is not None and n not in taken and c.dtype.kind in "fiub"]


def _selected(columns: Columns, selector: str) -> list[str]:
    if selector in columns:
        return [selector]
    if selector.endswith("*"):
        return [name for name in columns if name.startswith(selector[:-1])]
    names = [name.strip() for name in selector.split(",")]
    return names if all(name in columns for name in names) else []


def take(columns: Columns, names: Sequence[str], modality: str, selector: str | None, path: str) -> NDArray:
    """The (n, d) matrix of named columns. Raises UnknownNameError if there are none."""
    if names:
        return select_features({name: columns[name] for name in names}, "*", path)
    known = list(columns)
    shown = ", ".join(known[:8]) + (f" and {len(known) - 8} more" if len(known) > 8 else "")
    wanted = f"columns {selector!r}" if selector else f"column {modality!r} or columns '{modality}_*'"
    raise UnknownNameError(
        f"{path} has no {wanted} for modality {modality!r}",
        expected=f"one of its columns: {shown}",
        next_step=f"name them, for example --features {modality}='prefix_*'",
    )


def same_order(labeled: Sequence[str], pairs: Sequence[str], modality: str) -> tuple[list[str], bool]:
    """The columns of the pairs in the order of the labelled file, and whether names settled it."""
    by_stem: Mapping[str, str] = {_stem(name, modality): name for name in pairs}
    wanted = [_stem(name, modality) for name in labeled]
    if len(by_stem) == len(pairs) == len(wanted) and set(by_stem) == set(wanted):
        return [by_stem[stem] for stem in wanted], True
    return list(pairs), len(labeled) == len(pairs) == 1


def _stem(name: str, modality: str) -> str:
    """A column's name without the name of its modality."""
    for prefix in (f"X_{modality}", f"{modality}_", f"{modality}."):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return "" if name == modality else name
