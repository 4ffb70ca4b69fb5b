"""The form of the next run: where its parts stand on the page, and the controls of its settings."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared import corpora, few_and_more, settings
from pages.components.shared.few_and_more import Offered
from pages.components.shared.format import literal, with_code
from pages.components.shared.model_picker import changed_at, model_title
from pages.components.train.start import failures_button
from rnn_core.cell_files.traced import changed_since_check
from rnn_core.config.corpora import CorpusRef, corpus_named, offered_names
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import OF_NEXT_TOKENS, TASKS
from rnn_core.config.training_settings import MOST_TEACHERS
from rnn_core.config.words import name_of
from rnn_core.data.sources import recommendation, recommended_config
from rnn_core.errors import CellError, ConfigError, DataError, ModelFolderError
from rnn_core.models.catalogue import list_models
from rnn_core.models.folder import check_model
from rnn_core.runs.store import Store
from rnn_core.symbols import CELLS, KINDS, settings_of_cells
from rnn_core.training.teachers import agreed_settings, check_teachers

_GROUPS = {
    "Network": "hidden_size input embedding_size tied bigrams counted_bigrams label_odds layers "
    f"bidirectional readout head initialisation {' '.join(settings_of_cells()[1:])} forget_bias",
    "Optimizer": "epochs batch_size optimizer learning_rate schedule clip_norm class_weights",
    "Against over-fitting": "embedding_dropout word_dropout bigram_dropout layer_dropout head_dropout "
    "adversarial label_smoothing weight_decay weight_averaging patience keep",
    "Beside the labels of whole {texts}": "excerpts snippets composed teachers teachers_share",
    "Run": "evaluations_per_epoch seed threads exact device precision",
}
"""Title -> the settings below it."""
_STARTS_IN_VIEW = 3


class Form(NamedTuple):
    """Content of the form, and the places that it leaves for the rest of the page."""

    config: RunConfig | None
    """The settings of the next run; None where a browser sent what can't be."""
    cost: DeltaGenerator
    start: DeltaGenerator
    picture: DeltaGenerator


def begin_form() -> None:
    """Take in what the address says of the settings, and say what it may not."""
    settings.read_controls(corpora.usual_data())
    if refused := settings.refused():
        st.warning(
            f"The address asks for settings that aren't possible. {' '.join(refused)}",
            icon=":material/link_off:",
        )


def show_form(store: Store) -> Form:
    """Draws all controls of the next run."""
    presets, cost, start = st.columns([27, 15, 10], gap="medium", vertical_alignment="bottom")
    with presets:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            of_start = _choose_start()
            failures_button(store)
        st.caption(of_start or "These settings are none of the starts.")
    with st.container(key="train_parts"):
        controls, picture = st.columns([3, 7], gap="medium")
    with controls:
        st.markdown("**Settings of the next run**")
        _main_controls()
    with st.expander("More settings", icon=":material/tune:"), st.grid(4, min_column_width=220, gap="medium"):
        for title, names in _GROUPS.items():
            with st.container():
                st.markdown(f"**{_corpus().nouns.fill(title)}**")
                for name in filter(_matters, names.split()):
                    _control(name)
    settings.write_address()
    config: RunConfig | None = None
    try:
        config = settings.current_config()
        check_teachers(config)
    except ConfigError as error:
        config = None
        st.error(with_code(str(error)), icon=":material/block:")
    return Form(config, cost, start, picture)


def _choose_start() -> str:

    def fill() -> None:
        if (chosen := st.session_state["train_preset"]) in PRESETS:
            settings.fill(PRESETS[chosen].config)

    st.session_state["train_preset"] = settings.current_preset()
    return few_and_more.choose(
        "Start from",
        {name: Offered(preset.title, preset.help) for name, preset in PRESETS.items()},
        list(PRESETS)[:_STARTS_IN_VIEW],
        "train_preset",
        more="More starts",
        on_change=fill,
        help="Fills the form with settings that suit a purpose. You can change each of them afterwards.",
    )


def _main_controls() -> None:
    _data_control()
    for name in _corpus().own_settings:
        _control(name)
    _choose_cell()
    _control("vocab_size")
    _control("max_length")
    if _matters("windows"):
        _control("windows")
    left, right = st.columns(2, gap="small")
    with left:
        _control("padding")
        _control("skip_padding")
    with right:
        _control("truncation")
        _control("start_token")
    if why := settings.why_idle("padding"):
        st.caption(why)
    _control("reviews")


def _matters(name: str) -> bool:
    """True if the chosen texts and network have a use for a setting."""
    corpus, held = _corpus(), TASKS[settings.value("task")].fixed.get(name)
    if name in OF_NEXT_TOKENS and held is not None:
        return bool(settings.value(name) != held.value)
    if name in corpus.refused():  # a value that can't be stays in sight, so that it can be taken back
        return bool(corpus.why_idle(name)) or settings.is_on(name)
    return settings.is_of_use(name)


def _corpus() -> CorpusRef:
    return corpus_named(settings.value("data"))


def _data_control() -> None:
    key, data = settings.control_key("data"), settings.value("data")
    st.session_state.setdefault(key, data)
    names = [*offered_names()]
    settings.keep(
        "data",
        settings.choose_data(
            key, names if data in names else [*names, data], data, on_change=settings.change_data
        ),
    )
    try:
        recommended = recommendation(data)
    except DataError:  # what is wrong is said where the texts are opened
        return
    if recommended.reasons:
        st.caption(
            f"{len(recommended.config.classes)} classes. The settings at first are those that suit its size.",
            help="  \n".join(map(literal, recommended.reasons)),
        )


def _choose_cell() -> None:
    """Choose a cell; those that PyTorch computes are in view, too, since every course begins with them."""
    key, held, declared = settings.control_key("cell"), settings.value("cell"), settings.DECLARED["cell"]
    st.session_state.setdefault(key, held)
    cells = [KINDS[name] for name in dict.fromkeys((*KINDS, held))]
    in_torch = {known.kind for known in CELLS.registered().values() if known.is_in_torch}
    of_cell = few_and_more.choose(
        declared.label,
        {known.kind: Offered(known.full_name, literal(known.use_of_memory)) for known in cells},
        [known.kind for known in cells if known.kind in in_torch],
        key,
        more="More cells",
        width="stretch",
        help=declared.help,
    )
    changed = changed_since_check(st.session_state[key])
    st.caption(f"{of_cell} {literal(changed)}".rstrip())
    settings.keep("cell", st.session_state[key])


def _control(name: str) -> None:
    if name == "teachers":
        _choose_teachers()
        return
    key = settings.control_key(name)
    st.session_state.setdefault(key, settings.value(name))
    data, held = settings.value("data"), settings.value(name)
    more, declared = dict[str, Any](), settings.DECLARED[name]
    with contextlib.suppress(ConfigError):  # what a browser sent that can't be is said below the form
        # A browser that draws two runs at once misses what the session said in the first alone.
        more["default" if declared.choices else "value"] = declared.check(held)
    if why := settings.why_idle(name):
        more |= {
            "disabled": not settings.is_on(name),
            "help": f"{why} {settings.declared_for(data, name).help}",
        }
    if name == "reviews" and not _corpus().of_films:
        more["all_texts"] = recommended_config(data).training.reviews
    settings.keep(name, settings.setting_control(name, key, held, data, **more))


def _choose_teachers() -> None:
    """Offers the networks on this machine that can teach a run with the form's settings."""
    key, chosen = "teachers_chosen", list(filter(None, settings.value("teachers").split("+")))
    titles = {name: name for name in chosen}  # one that is gone stays, to be taken back
    with contextlib.suppress(ConfigError):
        wanted = agreed_settings(settings.current_config())
        titles |= {
            entry.name: model_title(entry.folder)
            for entry in list_models()
            if _agrees_on(entry.folder, changed_at(entry.folder)) == wanted
        }
    st.session_state[key], why = chosen, settings.why_idle("teachers")
    st.multiselect(
        name_of("teachers"),
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        on_change=lambda: settings.keep("teachers", "+".join(st.session_state[key])),
        max_selections=MOST_TEACHERS,
        placeholder="none" if titles else "no network of this seed yet",
        disabled=not titles or bool(why),
        help=f"{why} {settings.declared_for(settings.value('data'), 'teachers').help}".lstrip(),
    )


@st.cache_data(max_entries=200, show_spinner=False)
def _agrees_on(folder: Path, changed: tuple[float, ...]) -> Mapping[str, object]:
    try:
        return agreed_settings(check_model(folder))
    except (ModelFolderError, CellError):  # Read names what is damaged, or may not run
        return {}
