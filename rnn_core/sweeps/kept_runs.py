"""The runs of a sweep in the store: each a run like any other, with its result beside its weights.

So the file of results can be made again. Runs that found no room in the store wait in the cache, which may be
on another disk; the next start of the sweep takes them in.
"""

import functools
import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch

from rnn_core.config.run import factors
from rnn_core.errors import ConfigError, RunError, StoreError, SweepError, reason
from rnn_core.files import FormatError, check_spares, from_value, to_json, write_json
from rnn_core.models.folder import HISTORY, SCORES, read_json, save_model
from rnn_core.paths import artifacts_folder, cache_folder
from rnn_core.runs.run import DIVERGED, FINISHED, Run
from rnn_core.runs.store import Store
from rnn_core.shapes import LONGEST_NAME
from rnn_core.sweeps.questions import published
from rnn_core.sweeps.results import Result, Results
from rnn_core.sweeps.sweep import Key, Point, Sweep, key_of
from rnn_core.sweeps.work import Trained
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.training.records import read_history

_KEPT = "sweep.json"
_ABOUT = "about.json"
_RUN = "run"


class UnkeptError(RunError):
    """A run that was trained and could not be kept in the store; the message says what becomes of it."""


class Waiting(NamedTuple):
    """A run that waits to be taken in."""

    place: Path
    about: Mapping[str, Any]

    @property
    def folder(self) -> Path:
        """Its files."""
        return self.place / _RUN


def keep(store: Store, sweep: Sweep, point: Point, trained: Trained) -> Result:
    """Put a training into the store as a run; its result."""
    history = [record.to_dict() for record in trained.records]
    known = factors()
    varied = ", ".join(
        f"{known[factor].label} {known[factor].typed(value)}" for factor, value in point.case.items()
    )
    result = replace(trained.result, case=dict(point.case))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "run")
        folder.mkdir()
        if trained.weights:
            weights = {name: torch.from_numpy(weight) for name, weight in trained.weights.items()}
            save_model(folder, trained.config, Vocabulary(trained.words), weights)
        write_json(folder / HISTORY, history)
        write_json(folder / _KEPT, {"sweep": sweep.to_dict(), "result": result.to_dict()})
        if trained.scores:
            write_json(folder / SCORES, trained.scores)
        about = {
            "name": f"{sweep.name}, seed {point.seed}: {varied}"[:LONGEST_NAME],
            "note": f"A run of the sweep {sweep.name}.",
            "state": DIVERGED if result.outcome == "diverged" else FINISHED,
            "message": trained.message or "Finished",
            "validation_accuracy": result.score("validation", task_of(trained.config).score),
            "total_steps": trained.total_steps,
        }
        try:
            run = store.take_in(folder, trained.config, trained.records, trained.scores, about)
        except (OSError, StoreError) as error:
            raise _set_aside(sweep.name, folder, about, error) from error
    return replace(result, run=run.id)


def take_up(store: Store, results: Results, sweep: Sweep) -> None:
    """Add what was trained of a sweep and its file has not: a process ended, or a disk was full, before.

    Published questions share runs with the same settings, which repeat to the bit. Raises UnkeptError where
    there still is no room for a run that waits.
    """
    missing = {point.config: point for point in results.missing(sweep)}
    sharing = published() if sweep.name in published() else {sweep.name}
    for run in reversed(store.runs.all()):
        kept = _kept(store, run) if run.config in missing else None
        if kept is not None and kept["sweep"]["name"] in sharing:
            point = missing.pop(run.config)
            results.append(replace(_result_of(store, run, kept), case=dict(point.case)))
    for waits in waiting(sweep.name):
        kept = read_json(waits.folder / _KEPT, {})
        if not _is_whole(kept):  # it waits in part, like one without its other files
            continue
        of, result = Sweep.from_dict(kept["sweep"]), from_value(kept["result"], Result)
        config = of.base.with_settings(**result.case, seed=result.seed)
        if config in missing:
            records = read_history(waits.folder, config.model.variant)
            scores = read_json(waits.folder / SCORES, {})
            try:
                run = store.take_in(waits.folder, missing.pop(config).config, records, scores, waits.about)
            except (OSError, StoreError) as error:
                raise UnkeptError(
                    f"There still is no room for a run. {_still_waiting(waits.place)}"
                ) from error
            results.append(replace(result, run=run.id))
        shutil.rmtree(waits.place)


def names_in(store: Store) -> list[str]:
    """The sweeps that the store has runs of."""
    kept = [read_json(store.folder(run.id) / _KEPT, {}) for run in store.runs.all()]
    return sorted({one["sweep"]["name"] for one in kept if _is_whole(one)})


def rebuild(store: Store, name: str) -> Results:
    """Make the file of a sweep that is not at work again from its runs in the store.

    What the file has of runs that are not in this store, made on another machine, stays as far as it can be
    read. Raises SweepError where neither the store nor a file knows the sweep, OSError where the file can't
    be written.
    """
    results, kept = Results(name), _runs_in_store(store, name)
    check_spares(results.path, (store.folder(result.run) / _KEPT for _, result in kept))
    known, readable = results.readable()
    if known is None and not kept:
        raise SweepError(f"No run of a sweep called {name} is in this store, and no file of it can be read.")
    like = kept[-1][0] if known is None else known
    fitting = [(of, result) for of, result in kept if of.is_like(like)]
    grown = [] if known is None else [known]  # and it may have grown between one run and the next
    grown += {id(of): of for of, _ in fitting}.values()
    here = {result.run for _, result in kept}
    elsewhere = [result for result in readable if result.run not in here]
    by_age = sorted([*elsewhere, *(result for _, result in fitting)], key=lambda result: result.made)
    first: dict[Key, Result] = {}  # of one done twice, the older
    for result in by_age:
        first.setdefault(key_of(result.case, result.seed), result)
    results.rewrite(functools.reduce(Sweep.joined, grown), list(first.values()))
    return results


def _runs_in_store(store: Store, name: str) -> list[tuple[Sweep, Result]]:
    """Every run that was kept of a sweep of this name, the oldest first."""
    found: list[tuple[Sweep, Result]] = []
    sweeps: dict[str, Sweep] = {}  # a run has the whole of it, and to check one takes a while
    for run in reversed(store.runs.all()):
        kept = _kept(store, run)
        if kept is None or kept["sweep"]["name"] != name:
            continue
        try:
            written = to_json(kept["sweep"])
            of = sweeps[written] = sweeps.get(written) or Sweep.from_dict(kept["sweep"])
        except (FormatError, ConfigError) as error:
            raise SweepError(f"{store.folder(run.id) / _KEPT} is damaged: {error}") from error
        found.append((of, _result_of(store, run, kept)))
    return sorted(found, key=lambda one: one[1].made)


def _result_of(store: Store, run: Run, kept: Any) -> Result:
    try:
        result: Result = from_value({**kept["result"], "run": run.id}, Result)
        return result
    except FormatError as error:
        raise SweepError(f"{store.folder(run.id) / _KEPT} is damaged: {error}") from error


def _kept(store: Store, run: Run) -> Any:
    """The sweep and the result of a run; None of one of no sweep, or whose keeping was cut off by a kill."""
    kept = read_json(store.folder(run.id) / _KEPT, {})
    return kept if _is_whole(kept) and run.state in (FINISHED, DIVERGED) else None


def _is_whole(kept: Any) -> bool:
    return (
        isinstance(kept, dict)
        and isinstance(kept.get("sweep"), dict)
        and isinstance(kept.get("result"), dict)
        and isinstance(kept["sweep"].get("name"), str)
    )


def _set_aside(sweep: str, folder: Path, about: Mapping[str, Any], error: Exception) -> UnkeptError:
    """Let the files of a run wait, since the store raised `error`; what is to be said of it."""
    failed = f"A run of the sweep {sweep} has ended, but could not be kept: {reason(error)}."
    place = _folder(sweep) / secrets.token_hex(8)
    try:
        shutil.copytree(folder, place / _RUN)
        write_json(place / _ABOUT, about)  # last: what has it is whole
    except OSError:
        shutil.rmtree(place, ignore_errors=True)
        return UnkeptError(
            f"{failed} There was no room for it in {place.parent} either, so it has to be trained again. "
            "Make room on the disk, then give the same command again: the runs before it are kept."
        )
    return UnkeptError(f"{failed} {_still_waiting(place)}")


def _still_waiting(place: Path) -> str:
    return (
        f"It waits in {place}: make room on the disk, then give the same command again. It is then kept, and "
        "nothing is trained twice."
    )


def waiting(sweep: str) -> list[Waiting]:
    """The runs of a sweep that wait for this store; what is not whole is deleted."""
    found = []
    for place in sorted(_folder(sweep).glob("*")):
        about = read_json(place / _ABOUT, {})
        if about:
            found.append(Waiting(place, about))
        else:
            shutil.rmtree(place)
    return found


def _folder(sweep: str) -> Path:
    # Stores may share a cache.
    store = hashlib.sha256(str(artifacts_folder().resolve()).encode()).hexdigest()[:16]
    return cache_folder() / "unkept" / store / sweep
