"""Runs studies: parts in processes, each kept when done, so that an interrupted run goes on where it stopped."""

import hashlib
import json
import math
import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from interplay.errors import FileError
from interplay.files import write_text
from interplay.reproduction.pages import render_index, render_page, render_pictures
from interplay.reproduction.study import Json, Part, Scope, Study

SCHEMA = "interplay/reproduction/1"
PARTS = "parts"  # folder of finished parts inside the output folder
Progress = Callable[[str, int, int], None]


def run_studies(
    studies: Sequence[Study],
    scope: Scope,
    out: Path,
    *,
    workers: int = 1,
    fresh: bool = False,
    progress: Progress | None = None,
) -> list[Json]:
    """Run studies and write <name>.json, <name>.md, pictures and README.md into `out`; returns the documents.

    Finished parts are taken from out/parts unless `fresh`. The same seed gives the same results for any number of
    workers. Raises FileError for a folder that cannot be written.
    """
    _make(out / PARTS)
    work = [(study, part) for study in studies for part in study.parts(scope)]
    done = _finish(work, scope, out / PARTS, workers, fresh, progress or (lambda what, at, of: None))
    documents = []
    for study in studies:
        mine = [result for (owner, _), result in zip(work, done, strict=True) if owner is study]
        documents.append(_document(study, scope, mine))
        _write(study, documents[-1], out)
    write_text(out / "README.md", render_index(_all_documents(out)))
    return documents


def _document(study: Study, scope: Scope, parts: list[Json]) -> Json:
    results = plain(study.combine([part["result"] for part in parts]))
    verdict = study.judge(results)
    flags = (" --quick" if scope.quick else "") + (" --data DATA" if scope.data else "") + f" --seed {scope.seed}"
    return {
        "schema": SCHEMA,
        "study": study.name,
        "title": study.title,
        "claim": study.claim,
        "command": f"interplay reproduce --only {study.name}{flags} --out DIR",
        "run": {
            "seed": scope.seed,
            "quick": scope.quick,
            "seconds": round(math.fsum(part["seconds"] for part in parts), 1),
            "finished": max(part["finished"] for part in parts),
            "versions": versions(),
            "parts": len(parts),
        },
        "results": results,
        "verdict": {"status": verdict.status, "sentence": verdict.sentence},
    }


def versions() -> dict[str, str]:
    """Of this package and of what its numbers depend on; dit only where it is installed."""
    packages = {name: version(name) for name in ("interplay", "numpy", "scipy", "scikit-learn")}
    with suppress(PackageNotFoundError):
        packages["dit"] = version("dit")
    return packages | {"python": platform.python_version(), "machine": platform.machine()}


def _write(study: Study, document: Json, out: Path) -> None:
    pictures = render_pictures(document, study)
    for name, picture in pictures.items():
        write_text(out / f"{name}.svg", picture)
    write_text(out / f"{study.name}.json", to_text(document))
    write_text(out / f"{study.name}.md", render_page(document, study, sorted(pictures)))


def to_text(document: Json) -> str:
    """JSON: short lists of numbers on one line."""
    return json.dumps(document, ensure_ascii=False, indent=None, separators=(",", ":"), allow_nan=False) + "\n"


def _all_documents(out: Path) -> list[Json]:
    """Of every study that has been run into this folder."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("*.json"))]
    return [document for document in found if isinstance(document, dict) and document.get("schema") == SCHEMA]


def plain(value: Any) -> Any:
    """Plain data: NumPy numbers unboxed, nan and infinities as None, floats to ten significant digits."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.10g}") if math.isfinite(value) else None
    return value


# parts


def _finish(
    work: list[tuple[Study, Part]], scope: Scope, folder: Path, workers: int, fresh: bool, progress: Progress
) -> list[Json]:
    """Results of all parts, in order: those on disk, and the rest computed and kept."""
    paths = [folder / f"{study.name}-{part.key}.json" for study, part in work]
    code = _digest_of_code()
    marks = [_fingerprint(study, part, code) for study, part in work]
    done = [None if fresh else _kept(path, mark) for path, mark in zip(paths, marks, strict=True)]
    open_ = [i for i, result in enumerate(done) if result is None]
    finished = len(work) - len(open_)
    progress("reproducing", finished, len(work))
    for i, result in _computed([work[i][1] for i in open_], open_, workers):
        kept = result | {"fingerprint": marks[i]}
        write_text(paths[i], to_text(kept))
        done[i] = kept
        finished += 1
        progress(f"{work[i][0].name}: {work[i][1].key}", finished, len(work))
    return [result for result in done if result is not None]


def _computed(parts: list[Part], numbers: Iterable[int], workers: int) -> Iterator[tuple[int, Json]]:
    """(number, result) of each part as soon as it is there."""
    if workers <= 1 or len(parts) <= 1:
        with threadpool_limits(1):
            yield from ((i, _timed(part)) for i, part in zip(numbers, parts, strict=True))
        return
    with _pool(min(workers, len(parts))) as pool:
        futures: dict[Future[Json], int] = {pool.submit(_timed, p): i for i, p in zip(numbers, parts, strict=True)}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_one_thread) as pool:
        yield pool


def _one_thread() -> None:
    """Processes share the cores: no further threads inside them."""
    os.environ["LOKY_MAX_CPU_COUNT"] = "1"
    threadpool_limits(1)


def _timed(part: Part) -> Json:
    start = time.process_time()
    result = plain(part.work(**part.arguments))
    seconds = round(time.process_time() - start, 3)
    return {"seconds": seconds, "finished": datetime.now(UTC).strftime("%Y-%m-%d"), "result": result}


def _fingerprint(study: Study, part: Part, code: str) -> str:
    told = json.dumps([study.name, part.key, part.arguments, versions(), code], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _digest_of_code() -> str:
    """Of every module of this package: a part is computed again after any change."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


def _kept(path: Path, fingerprint: str) -> Json | None:
    """A finished part of the same work, or None."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, dict) and kept.get("fingerprint") == fingerprint else None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"{folder} could not be made ({error.strerror or error})",
            expected="a folder that can be written",
            next_step="choose another with --out",
        ) from error
