"""Fusion families as small modules: two feature vectors (B,d1), (B,d2), or sequences (B,T,d), to logits (B,K)."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from interplay.errors import InputError

Modalities = Sequence[Tensor]


class Model(nn.Module):
    """Any family: forward takes a list of tensors, one a modality, and returns logits (B,K)."""

    def penalty(self, xs: Modalities) -> Tensor | float:
        """What the loss adds to the cross-entropy."""
        return 0.0


class Encoder(nn.Module):
    """One modality to hidden features (B,h); a sequence (B,T,d) is averaged over time."""

    def __init__(self, width: int, hidden: int, dropout: float):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, hidden), nn.ReLU()
        )

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.layers(x)
        return h.mean(1) if h.dim() == 3 else h


class Fusion(Model):
    """Families that encode each modality first."""

    def __init__(self, widths: Sequence[int], classes: int, hidden: int, dropout: float):
        super().__init__()
        self.encoders = nn.ModuleList(Encoder(w, hidden, dropout) for w in widths)
        self.classes, self.hidden = classes, hidden

    def encode(self, xs: Modalities) -> list[Tensor]:
        """Hidden features of each modality."""
        return [e(x) for e, x in zip(self.encoders, xs, strict=True)]


class Single(Fusion):
    """The first modality alone (pass the better one first)."""

    def __init__(self, widths: Sequence[int], classes: int, hidden: int, dropout: float):
        super().__init__(widths[:1], classes, hidden, dropout)
        self.head = nn.Linear(hidden, classes)

    def forward(self, xs: Modalities) -> Tensor:
        logits: Tensor = self.head(self.encoders[0](xs[0]))
        return logits


class Additive(Fusion):
    """Sum of each modality's logits, trained together."""

    def __init__(self, widths: Sequence[int], classes: int, hidden: int, dropout: float):
        super().__init__(widths, classes, hidden, dropout)
        self.heads = nn.ModuleList(nn.Linear(hidden, classes) for _ in widths)

    def logits(self, xs: Modalities) -> list[Tensor]:
        """Logits (B,K) of each modality."""
        return [head(h) for head, h in zip(self.heads, self.encode(xs), strict=True)]

    def forward(self, xs: Modalities) -> Tensor:
        return torch.stack(self.logits(xs)).sum(0)


class Ensemble(Additive):
    """Average of the class probabilities of models that are each trained alone (late fusion)."""

    def forward(self, xs: Modalities) -> Tensor:
        probabilities = torch.stack([z.softmax(1) for z in self.logits(xs)]).mean(0)
        return probabilities.clamp_min(1e-9).log()

    def losses(self, xs: Modalities, labels: Tensor) -> Tensor:
        """Each modality's own cross-entropy: no gradient crosses between them."""
        return torch.stack([nn.functional.cross_entropy(z, labels) for z in self.logits(xs)]).sum()


class Agreement(Additive):
    """Additive logits, with a price for class probabilities that differ between the modalities."""

    price = 1.0

    def penalty(self, xs: Modalities) -> Tensor:
        first, *others = [z.softmax(1) for z in self.logits(xs)]
        return self.price * torch.stack([((first - p) ** 2).sum(1).mean() for p in others]).sum()


class Early(Model):
    """One network on all features side by side."""

    def __init__(self, widths: Sequence[int], classes: int, hidden: int, dropout: float):
        super().__init__()
        self.encoder = Encoder(sum(widths), 2 * hidden, dropout)
        self.head = nn.Linear(2 * hidden, classes)

    def forward(self, xs: Modalities) -> Tensor:
        flat = [x.mean(1) if x.dim() == 3 else x for x in xs]
        logits: Tensor = self.head(self.encoder(torch.cat(flat, 1)))
        return logits


class TensorFusion(Fusion):
    """All products of hidden features, each modality's with a one appended, so single ones stay in."""

    rank = 16  # hidden features that enter the product

    def __init__(self, widths: Sequence[int], classes: int, hidden: int, dropout: float):
        super().__init__(widths, classes, hidden, dropout)
        self.narrow = nn.ModuleList(nn.Linear(hidden, self.rank) for _ in widths)
        self.head = nn.Linear((self.rank + 1) ** len(widths), classes)

    def forward(self, xs: Modalities) -> Tensor:
        product = torch.ones(len(xs[0]), 1, device=xs[0].device, dtype=xs[0].dtype)
        for narrow, h in zip(self.narrow, self.encode(xs), strict=True):
            product = (product[:, :, None] * _with_one(narrow(h))[:, None, :]).flatten(1)  # (B, 17^m)
        logits: Tensor = self.head(product)
        return logits


class LowRank(Fusion):
    """The same products in few dimensions: one factor a modality, multiplied, then summed over the rank."""

    rank = 8

    def __init__(self, widths: Sequence[int], classes: int, hidden: int, dropout: float):
        super().__init__(widths, classes, hidden, dropout)
        # registered parameters: a plain list of tensors would never be trained
        self.factors = nn.ParameterList(
            nn.Parameter(torch.randn(self.rank, hidden + 1, classes) / (hidden + 1) ** 0.5) for _ in widths
        )
        self.weights = nn.Parameter(torch.full((self.rank,), 1 / self.rank**0.5))
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, xs: Modalities) -> Tensor:
        product: Tensor | None = None
        for factor, h in zip(self.factors, self.encode(xs), strict=True):
            part = torch.einsum("bh,rhk->brk", _with_one(h), factor)  # (B, rank, K)
            product = part if product is None else product * part
        assert product is not None
        return torch.einsum("brk,r->bk", product, self.weights) + self.bias


class Multiplicative(Fusion):
    """Hidden features and gates: each modality's features, scaled by gates that the other one sets."""

    def __init__(self, widths: Sequence[int], classes: int, hidden: int, dropout: float):
        super().__init__(widths, classes, hidden, dropout)
        self.gates = nn.ModuleList(nn.Linear(hidden * (len(widths) - 1), hidden) for _ in widths)
        self.head = nn.Linear(hidden * len(widths), classes)

    def forward(self, xs: Modalities) -> Tensor:
        hs = self.encode(xs)
        gated = []
        for i, (gate, h) in enumerate(zip(self.gates, hs, strict=True)):
            others = torch.cat([o for j, o in enumerate(hs) if j != i], 1)
            gated.append(h * 2 * gate(others).sigmoid())
        logits: Tensor = self.head(torch.cat(gated, 1))
        return logits


class CrossAttention(Model):
    """Each modality's parts attend to the others'. A feature vector is cut into PARTS learned parts; the elements of
    a sequence are parts, each marked with its place."""

    parts, heads = 8, 2

    def __init__(self, widths: Sequence[int], classes: int, hidden: int, dropout: float, sequences: Sequence[bool]):
        super().__init__()
        self.hidden = hidden
        count = [1 if s else self.parts for s in sequences]
        self.embed = nn.ModuleList(nn.Linear(w, n * hidden) for w, n in zip(widths, count, strict=True))
        self.attend = nn.ModuleList(
            nn.MultiheadAttention(hidden, self.heads, dropout=dropout, batch_first=True) for _ in widths
        )
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in widths)
        self.head = nn.Sequential(nn.Linear(hidden * len(widths), hidden), nn.ReLU(), nn.Linear(hidden, classes))

    def tokens(self, x: Tensor, i: int) -> Tensor:
        """(B,T,h)."""
        embedded: Tensor = self.embed[i](x)
        if x.dim() == 2:
            return embedded.reshape(len(x), self.parts, self.hidden)
        return embedded + _places(x.shape[1], self.hidden).to(embedded)

    def forward(self, xs: Modalities) -> Tensor:
        tokens = [self.tokens(x, i) for i, x in enumerate(xs)]
        summary = []
        for i, own in enumerate(tokens):
            others = torch.cat([t for j, t in enumerate(tokens) if j != i], 1)
            seen, _ = self.attend[i](own, others, others, need_weights=False)
            summary.append(self.norms[i](own + seen).mean(1))
        logits: Tensor = self.head(torch.cat(summary, 1))
        return logits


def _places(length: int, hidden: int) -> Tensor:
    """Sines and cosines of the place in a sequence, (T,h) (Vaswani et al. 2017)."""
    place, at = torch.arange(length)[:, None], torch.arange(hidden)[None]
    angle = place / 10000 ** (2 * (at // 2) / hidden)
    return torch.where(at % 2 == 0, angle.sin(), angle.cos())


MODELS: Mapping[str, Callable[..., Model]] = {
    "single": Single,
    "ensemble": Ensemble,
    "agreement": Agreement,
    "early": Early,
    "additive": Additive,
    "tensor": TensorFusion,
    "low_rank": LowRank,
    "multiplicative": Multiplicative,
    "cross_attention": CrossAttention,
}


def build(
    family: str,
    widths: Sequence[int],
    classes: int,
    *,
    sequences: Sequence[bool] | None = None,
    hidden: int = 32,
    dropout: float = 0.1,
) -> Model:
    """An untrained model. widths: features of each modality (of each element of a sequence). classes: K. sequences:
    which modalities are sequences (none); only cross-attention looks at their order, the others average them.

    forward takes a list of tensors (B,d) or (B,T,d), one a modality, and returns logits (B,K). Raises InputError for
    a family that does not exist.
    """
    if family not in MODELS:
        raise InputError(f"family {family!r}", expected=f"one of {list(MODELS)}", next_step="correct the name")
    if len(widths) < 2 or classes < 2:
        raise InputError(
            f"{len(widths)} modalities and {classes} classes",
            expected="two or more of both",
            next_step="pass the width of each modality",
        )
    if family == "cross_attention":
        return CrossAttention(widths, classes, hidden, dropout, sequences or [False] * len(widths))
    return MODELS[family](widths, classes, hidden, dropout)


def _with_one(x: Tensor) -> Tensor:
    return torch.cat([x, torch.ones_like(x[:, :1])], 1)
