"""Small PyTorch models of every fusion family, with one training loop (extra: torch)."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from interplay.errors import MissingExtraError

if TYPE_CHECKING:
    from interplay.fusion.zoo.models import build as build
    from interplay.fusion.zoo.training import Trained as Trained
    from interplay.fusion.zoo.training import train as train

_HOMES = {"Trained": "training", "build": "models", "train": "training"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"interplay.fusion.zoo has no {name!r}; its names are {', '.join(_HOMES)}")
    try:
        import_module("torch")
    except ImportError as error:
        raise MissingExtraError(
            "PyTorch is not installed", expected="the extra torch", next_step="pip install 'interplay[torch]'"
        ) from error
    return getattr(import_module(f"interplay.fusion.zoo.{_HOMES[name]}"), name)
