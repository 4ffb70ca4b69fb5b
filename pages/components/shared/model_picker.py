"""Pick a model; every page names and loads models the same way."""

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.begun_here import finished_last
from pages.components.shared.format import literal
from pages.components.shared.own_cell import say_of_cell
from pages.components.shared.went_wrong import saying
from rnn_core.config.run import RunConfig
from rnn_core.errors import CellError, ModelFolderError, RunError
from rnn_core.models.catalogue import KINDS_OF_MODELS, ModelEntry, is_published, list_models
from rnn_core.models.folder import CONFIG, HISTORY, SCORES, VOCABULARY, WEIGHTS, read_config
from rnn_core.models.model import KeptModel, Model, check_can_be_read
from rnn_core.nn.threads import use_threads
from rnn_core.paths import runs_folder
from rnn_core.runs.naming import distinct_names, network_name, short_names
from rnn_core.runs.store import Store
from rnn_core.tasks.task import task_of

_PICKED = "model_picked"
_MISSING = "The model that the address names is not on this machine; here is another."
_USUAL = ("reader", "gru")
"""`reader` learned to understand a single sentence, which is what people type first."""


def changed_at(folder: Path) -> tuple[float, ...]:
    """When each file of a model last changed; 0 where it is not there."""
    changed: dict[str, float] = {}
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as files:  # pathlib is ten times slower
        changed.update((file.name, file.stat().st_mtime) for file in files)
    return tuple(changed.get(name, 0.0) for name in (CONFIG, VOCABULARY, WEIGHTS, HISTORY, SCORES))


BY_FILES: dict[str | type[Any], Callable[[Any], Any]] = {
    KeptModel: lambda model: (model.folder, changed_at(model.folder))
}
"""Lets a cache of Streamlit know a model by its files."""


@st.cache_resource(max_entries=6, show_spinner=False)
def _loaded(folder: Path, changed: tuple[float, ...]) -> KeptModel:
    use_threads()
    return Model.load(folder, task=None)


def config_of(folder: Path) -> RunConfig | None:
    """The settings of a model; None where they can't be read, as `load` says in words."""
    return _config(folder, changed_at(folder))


@lru_cache(maxsize=400)
def _config(folder: Path, changed: tuple[float, ...]) -> RunConfig | None:
    try:
        return read_config(folder)
    except ModelFolderError:
        return None


@lru_cache(maxsize=400)  # of Streamlit's own cache each of forty titles takes most of a millisecond
def _title(folder: Path, name: str, changed: tuple[float, ...]) -> str:
    config = _config(folder, changed)
    if config is None:
        return f"{name or folder.name} (damaged)"
    without = "" if (folder / WEIGHTS).exists() else " (without weights)"
    if is_published(folder):  # whose name says what sets it apart; with cell and reviews it would be cut
        return f"{folder.name}, from Experiments{without}"
    return f"{name or f'{network_name(config)} · {folder.name}'}{without}"


def model_title(folder: Path) -> str:
    """Return the title of a model: that of a run as on Train, a pretrained one by cell and reviews."""
    return model_titles([folder])[0]


def model_titles(folders: Sequence[Path]) -> list[str]:
    """Return the title of each of these models."""
    runs = runs_folder()
    are_runs = [folder.parent == runs for folder in folders]
    named = _titles_of_runs(Store().database.changed_at()) if any(are_runs) else {}
    return [
        _title(folder, named.get(folder.name, "") if is_run else "", changed_at(folder))
        for folder, is_run in zip(folders, are_runs, strict=True)
    ]


def model_names(models: Sequence[KeptModel]) -> list[str]:
    """Return short names for sentences and charts: of a run as in the list, of others their folder."""
    names = [
        model_title(model.folder) if model.folder.parent == runs_folder() else model.name for model in models
    ]
    if len(set(names)) < len(names):  # a run may be called as a model that comes with the app
        return [model.name for model in models]
    return short_names(names)


@st.cache_data(max_entries=2, show_spinner=False)
def _titles_of_runs(changed: tuple[tuple[Path, int, int], ...]) -> dict[str, str]:
    try:
        return distinct_names({run.id: run.title for run in Store().runs.all()})
    except RunError:  # Train says what is the matter; the folders have names, too
        return {}


def usual_model(entries: Mapping[str, ModelEntry], first: Sequence[str] = _USUAL) -> str:
    """Name of the model to begin with: the first of these that is pretrained, else any pretrained, or any."""
    pretrained = [name for name, entry in entries.items() if entry.is_pretrained]
    usual = [name for name in first if name in pretrained]
    return next(iter([*usual, *pretrained, *entries]))


def loaded(folder: Path) -> KeptModel:
    """The model in this folder, kept in memory, of whatever task. Raises ModelFolderError, CellError."""
    return _loaded(folder, changed_at(folder))


@saying(CellError, icon=":material/code_off:")
def load(folder: Path) -> KeptModel | None:
    """The model in this folder, kept in memory; None, and a sentence on the page, if it can't be had."""
    try:
        model = loaded(folder)
        check_can_be_read(model.name, model.config)
        return model
    except ModelFolderError as error:
        st.error(
            literal(f"{error} Nothing else is affected: use another model, or train this one again."),
            icon=":material/broken_image:",
        )
    return None


def load_and_say_of_cell(folder: Path) -> KeptModel | None:
    """The one model that a page is about, loaded; also shows the source of its cell."""
    config = config_of(folder)
    if config is not None:
        say_of_cell(config, folder)
    return load(folder)


def can_give_verdict(config: RunConfig | None) -> bool:
    """True if a model gives one verdict a text; a damaged one might, and is named as such."""
    return config is None or task_of(config).gives_verdict


def load_usual(entries: Sequence[ModelEntry], first: Sequence[str] = _USUAL) -> KeptModel | None:
    """The `usual_model` that gives verdicts, or the next one that loads; a damaged one is named as such."""
    by_name = {entry.name: entry for entry in entries if can_give_verdict(config_of(entry.folder))}
    if not by_name:
        return None
    entries = list(by_name.values())
    place = entries.index(by_name[usual_model(by_name, first)])
    in_turn = [*entries[place:], *entries[:place]]
    return next((model for entry in in_turn if (model := load(entry.folder)) is not None), None)


def models_in_groups() -> list[ModelEntry]:
    """All models; of those that come with the app the ones that give a verdict stand before the others."""
    return sorted(
        list_models(),
        key=lambda entry: (
            KINDS_OF_MODELS.index(entry.kind),
            entry.is_pretrained and not can_give_verdict(config_of(entry.folder)),
        ),
    )


def pick(name: str) -> None:
    """Pick a model, from a callback."""
    st.session_state[_PICKED] = name


def pick_model(
    models: Sequence[ModelEntry] | None = None,
    key: str = _PICKED,
    first: Sequence[str] = _USUAL,
    missing: str = _MISSING,
) -> KeptModel | None:
    """A list of all models, that of the last run first, kept in the address; None, and why, if none loads.

    `models` are those of a page that has a use for some, which keeps the choice under a key of its own.
    """
    entries = {entry.name: entry for entry in (models_in_groups() if models is None else models)}
    last = finished_last()
    if last in entries:
        entries = {last: entries[last], **entries}
        offered = f"{key}_offered"
        if (address.value(keys.MODEL) or last) == last != st.session_state.get(offered):
            st.session_state[key] = st.session_state[offered] = last
    if not entries:
        st.info(
            "There is no model yet. Train one: on the verdict corpus it takes about a minute and "
            "needs no download.",
            icon=":material/model_training:",
        )
        st.page_link("pages/train.py", label="Train a model", icon=":material/arrow_forward:")
        return None
    picked = address.follow(keys.MODEL, key, entries, lambda: usual_model(entries, first), missing)
    name = select_model(
        "Model",
        entries,
        key=key,
        help=f"Which network reads the text: {literal(model_title(entries[picked].folder))}. The list has "
        "the run that finished last in this browser, the networks that come with the app, those that read "
        "strings of a made-up language last, your other runs, then those of the questions on Experiments. "
        "Each has its own vocabulary and its own maximum length.",
    )
    address.write(keys.MODEL, key, name)
    return load_and_say_of_cell(entries[name].folder)


def select_model(label: str, entries: Mapping[str, ModelEntry], **more: Any) -> str:
    """A list of models, long titles by the part in which they differ; `more` is for Streamlit."""
    titles = model_titles([entry.folder for entry in entries.values()])
    labels = dict(zip(entries, short_names(titles), strict=True))
    return str(
        st.selectbox(label, list(entries), format_func=labels.__getitem__, persist_state="session", **more)
    )
