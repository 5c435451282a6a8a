"""One training loop for every family: Adam, early stopping on held-back rows, seeds, any device."""

import copy
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from interplay.errors import InputError, ShapeError
from interplay.fusion.zoo.models import Ensemble, Model, build
from interplay.inputs import to_labels

Array = NDArray[np.float64]
PLATEAU = 300  # updates: a product of features shows in the loss only after some hundred of them


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A trained model. validation: accuracy on the rows held back; validation_loss: cross-entropy (nats) there. epochs:
    until the best one. seconds: of training."""

    family: str
    names: tuple[str, ...]
    classes_: NDArray
    validation: float
    validation_loss: float
    epochs: int
    seconds: float
    model: Model = field(repr=False)
    scales: tuple[tuple[Array, Array], ...] = field(repr=False)
    device: str

    def predict(self, features: Mapping[str, Any]) -> NDArray:
        """Labels (n,) of rows by modality name."""
        return np.asarray(self.classes_[self.predict_proba(features).argmax(1)])

    def predict_proba(self, features: Mapping[str, Any]) -> Array:
        """Class probabilities (n,K), columns as in `classes_`."""
        arrays = [np.asarray(features[n], dtype=float) for n in self.names]
        xs = [_tensor((x - mean) / scale, self.device) for x, (mean, scale) in zip(arrays, self.scales, strict=True)]
        self.model.eval()
        with torch.no_grad():
            return np.asarray(self.model(xs).softmax(1).double().cpu().numpy())


def train(
    family: str,
    features: Mapping[str, Any],
    labels: Any,
    *,
    hidden: int = 32,
    dropout: float = 0.1,
    rate: float = 1e-3,
    weight_decay: float = 1e-4,
    batch: int = 64,
    epochs: int = 100,
    patience: int = 10,
    held_back: float = 0.2,
    groups: Any = None,
    device: str = "cpu",
    seed: int = 0,
) -> Trained:
    """Train one family on labelled pairs. features: name -> (n,d) or (n,T,d), rows aligned; labels (n,).

    For "single" the first modality counts. A share `held_back` of the rows (of whole groups where groups (n,) are
    given) stops training `patience` epochs, and PLATEAU updates, after its loss was lowest; that epoch's weights are
    kept. The same seed gives the same model on one device.
    """
    names, arrays, classes, y = _check(features, labels)
    scales = tuple(_scale(x) for x in arrays)
    rng = np.random.default_rng(seed)
    held = _hold_back(y, groups, held_back, rng)
    start = time.perf_counter()
    # the seed must not leak out: the caller's own random state is restored
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build(
            family,
            [x.shape[-1] for x in arrays],
            len(classes),
            sequences=[x.ndim == 3 for x in arrays],
            hidden=hidden,
            dropout=dropout,
        ).to(device)
        xs = [_tensor((x - mean) / scale, device) for x, (mean, scale) in zip(arrays, scales, strict=True)]
        target = torch.as_tensor(y, device=device)
        parts = [torch.as_tensor(np.flatnonzero(m), device=device) for m in (~held, held)]
        best = _fit(model, xs, target, parts, rng, rate, weight_decay, batch, epochs, patience)
    logits, truth = _logits(model, xs, parts[1]), target[parts[1]]
    return Trained(
        family=family,
        names=names,
        classes_=classes,
        validation=float((logits.argmax(1) == truth).double().mean()),
        validation_loss=float(nn.functional.cross_entropy(logits, truth)),
        epochs=best,
        seconds=time.perf_counter() - start,
        model=model,
        scales=scales,
        device=device,
    )


def _fit(
    model: Model,
    xs: Sequence[Tensor],
    target: Tensor,
    parts: Sequence[Tensor],
    rng: np.random.Generator,
    rate: float,
    weight_decay: float,
    batch: int,
    epochs: int,
    patience: int,
) -> int:
    """Train until held-back rows get no better; leave the best weights in the model and return their epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, weight_decay=weight_decay)
    lowest, at, kept = float("inf"), 0, copy.deepcopy(model.state_dict())
    rows, held = parts
    waiting = max(patience, -(-PLATEAU * batch // max(len(rows), 1)))
    for epoch in range(1, epochs + 1):
        model.train()
        order = rows[torch.as_tensor(rng.permutation(len(rows)), device=rows.device)]
        for some in torch.split(order, batch):
            optimizer.zero_grad()
            torch.autograd.backward(loss(model, [x[some] for x in xs], target[some]))
            optimizer.step()
        now = float(nn.functional.cross_entropy(_logits(model, xs, held), target[held]))
        if now < lowest:
            lowest, at, kept = now, epoch, copy.deepcopy(model.state_dict())
        elif epoch - at >= waiting:
            break
    model.load_state_dict(kept)
    return at


def loss(model: Model, xs: Sequence[Tensor], target: Tensor) -> Tensor:
    """Cross-entropy and the family's penalty; an ensemble's members are each trained alone."""
    if isinstance(model, Ensemble):
        return model.losses(xs, target)
    total: Tensor = nn.functional.cross_entropy(model(xs), target) + model.penalty(xs)
    return total


def _logits(model: Model, xs: Sequence[Tensor], rows: Tensor) -> Tensor:
    model.eval()
    with torch.no_grad():
        logits: Tensor = model([x[rows] for x in xs])
    return logits


def _check(features: Mapping[str, Any], labels: Any) -> tuple[tuple[str, ...], list[Array], NDArray, NDArray]:
    if not isinstance(features, Mapping) or len(features) < 2:
        raise InputError(
            "features of fewer than two modalities", expected="a dict of two or more", next_step="pass all by name"
        )
    arrays = [np.asarray(x, dtype=float) for x in features.values()]
    values = to_labels(labels, "the labels")
    for name, x in zip(features, arrays, strict=True):
        if x.ndim not in (2, 3) or len(x) != len(values) or not np.isfinite(x).all():
            raise ShapeError(
                f"{name!r} of shape {x.shape} with {len(values)} labels",
                expected="finite features (n,d) or (n,T,d), one row a label",
                next_step="align features and labels, and fill in what is missing",
            )
    classes, y = np.unique(values, return_inverse=True)
    if len(classes) < 2 or np.bincount(y).min() < 2:
        raise InputError(
            f"{len(classes)} classes, the rarest with {np.bincount(y).min()} rows",
            expected="two or more, each with two rows",
            next_step="add labelled pairs",
        )
    return tuple(features), arrays, classes, y.astype(np.int64)


def _hold_back(y: NDArray, groups: Any, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Rows (n,) that stop the training: every class has some on both sides, unless groups decide otherwise."""
    held = np.zeros(len(y), dtype=bool)
    if groups is not None:
        names, position = np.unique(np.asarray(groups), return_inverse=True)
        chosen = rng.permutation(len(names))[: max(1, round(share * len(names)))]
        held = np.isin(position, chosen)
    if groups is None or held.all() or not held.any():
        held[:] = False
        for k in np.unique(y):
            rows = rng.permutation(np.flatnonzero(y == k))
            held[rows[: min(max(1, round(share * len(rows))), len(rows) - 1)]] = True
    return held


def _scale(x: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each feature over rows (and time)."""
    axes = tuple(range(x.ndim - 1))
    scale = x.std(axes)
    return x.mean(axes), np.where(scale > 0, scale, 1.0)


def _tensor(x: Array, device: str) -> Tensor:
    return torch.as_tensor(x, dtype=torch.float32, device=device)
