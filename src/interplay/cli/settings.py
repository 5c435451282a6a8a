"""What a quantify run is told, by flags or by a TOML file with the same words."""

import argparse
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from interplay.cli.output import STREAM
from interplay.errors import FileError, InputError, UnknownNameError
from interplay.inputs import SUFFIXES
from interplay.samples import PAIRS

PATHS = ("pairs", "out", "result")  # besides the paths in `labeled`


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """One run. labeled: modality -> file. features: modality -> selector of columns. probabilities: modalities
    whose features are class probabilities."""

    labeled: Mapping[str, str]
    pairs: str
    label: str
    features: Mapping[str, str]
    probabilities: Sequence[str] = ()
    group: str | None = None
    weight: str | None = None
    confidence: float = 0.95
    codes: str | int = "auto"
    prior: Mapping[str, float] | None = None
    seed: int = 0
    out: str | None = None
    result: str | None = None
    json: bool = False
    csv: bool = False
    quiet: bool = False


def settings_from(options: argparse.Namespace) -> RunSettings:
    """Flags over the TOML file over the defaults. Raises an InterplayError for what is missing or unknown."""
    told = read_config(options.config) if options.config else read_folder(getattr(options, "data", None))
    flags: dict[str, Any] = {f.name: getattr(options, f.name, None) for f in fields(RunSettings)}
    for key in ("labeled", "features"):
        flags[key] = _pairs_of(flags[key], key)
        told[key] = {**told.get(key, {}), **flags.pop(key)}
    flags["prior"] = _prior(flags["prior"])
    told |= {key: value for key, value in flags.items() if value is not None}
    _check_complete(told)
    settings = RunSettings(**told)
    codes = str(settings.codes)
    return replace(settings, codes=int(codes) if codes.isdigit() else codes)


def _check_complete(told: Mapping[str, Any]) -> None:
    missing = [key for key in ("labeled", "pairs", "label") if not told.get(key)]
    if missing:
        raise InputError(
            f"no --{missing[0]}",
            expected="labelled files, a file of pairs and the name of the label column",
            next_step="see the example in `interplay quantify --help`",
        )
    unknown = [m for m in (*told["features"], *told.get("probabilities", ())) if m not in told["labeled"]]
    if unknown:
        raise UnknownNameError(
            f"features of a modality {unknown[0]!r}",
            expected=f"one of the labelled modalities {list(told['labeled'])}",
            next_step="name modalities alike in --labeled, --features and --probabilities",
        )


def read_config(path: str | Path) -> dict[str, Any]:
    """A TOML file, checked; its paths are relative to its folder."""
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(
            f"{path} could not be read ({error})", expected="a TOML file", next_step="check the path and the syntax"
        ) from error
    for key, value in data.items():
        _check_entry(key, value, path)
    folder = Path(path).parent
    for key in PATHS:
        if key in data:
            data[key] = data[key] if data[key] == STREAM else str(folder / data[key])
    data["labeled"] = {m: str(folder / file) for m, file in data.get("labeled", {}).items()}
    return data


def read_folder(folder: str | Path | None) -> dict[str, Any]:
    """What a folder says by its file names: pairs.*, and one file (or folder of .npy) a modality, named like it."""
    if folder is None:
        return {}
    path = Path(folder)
    if path.suffix == ".toml":
        return read_config(path)
    files = sorted(f for f in path.glob("[!._]*") if f.suffix.lower() in SUFFIXES or f.is_dir())
    pairs = [f for f in files if f.stem == PAIRS]
    if not (path.is_dir() and len(pairs) == 1 and len(files) > 2):
        seen = ", ".join(f.name for f in files[:8]) or "no data file" if path.is_dir() else "no such folder"
        raise FileError(
            f"{path} ({seen})",
            expected=f"a folder with pairs.* and one file for each of two or more modalities ({', '.join(SUFFIXES)})",
            next_step="name the files after their modalities, or name them with --labeled and --pairs",
        )
    return {"labeled": {f.stem: str(f) for f in files if f.stem != PAIRS}, "pairs": str(pairs[0])}


def _is_text_table(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_share_table(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_number(v) for v in value.values())


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "labeled": (_is_text_table, "a table of modality = file"),
    "features": (_is_text_table, "a table of modality = columns"),
    "probabilities": (_is_text_list, "a list of modalities"),
    "prior": (_is_share_table, "a table of class = share"),
    "confidence": (_is_number, "a number such as 0.95"),
    "codes": (lambda v: _is_text(v) or _is_whole(v), "'auto', the name of a method or a number"),
    "seed": (_is_whole, "a whole number"),
    "json": (_is_flag, "true or false"),
    "csv": (_is_flag, "true or false"),
    "quiet": (_is_flag, "true or false"),
    **{key: (_is_text, "a text") for key in ("pairs", "label", "group", "weight", "out", "result")},
}


def _check_entry(key: str, value: Any, path: str | Path) -> None:
    if key not in KINDS:
        raise UnknownNameError(
            f"{path} has an unknown key {key!r}",
            expected=f"keys among {', '.join(KINDS)}",
            next_step="remove or correct the key; they are the words of the flags",
        )
    fits, expected = KINDS[key]
    if not fits(value):
        raise InputError(f"{path} has {key} = {value!r}", expected=expected, next_step="correct the value")


def _pairs_of(values: Sequence[str] | None, flag: str) -> dict[str, str]:
    """["image=a.csv", ...] as a dict; a name may be given once."""
    found: dict[str, str] = {}
    for value in values or ():
        key, sign, text = value.partition("=")
        if not (sign and key and text) or key in found:
            raise InputError(
                f"--{flag} {value}" + (f" after another --{flag} {key}=..." if key in found else ""),
                expected="MODALITY=VALUE, once a modality",
                next_step=f"write for example --{flag} image=images.parquet",
            )
        found[key] = text
    return found


def _prior(text: str | None) -> dict[str, float] | None:
    """'pos=0.3,neg=0.7' as a dict."""
    if text is None:
        return None
    try:
        items = [item.rpartition("=") for item in text.split(",")]
        if not all(sign and key.strip() for key, sign, _ in items):
            raise ValueError(text)
        return {key.strip(): float(value) for key, _, value in items}
    except ValueError as error:
        raise InputError(
            f"--prior {text}", expected="CLASS=SHARE,CLASS=SHARE,...", next_step="write for example pos=0.3,neg=0.7"
        ) from error
