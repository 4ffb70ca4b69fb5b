"""The teachers of the next run: trained networks of this machine from which it can learn, too."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from pages.components.shared import settings
from pages.components.shared.model_picker import changed_at, model_title
from rnn_core.config.training_settings import MOST_TEACHERS
from rnn_core.errors import ConfigError, ModelFolderError
from rnn_core.models.catalogue import list_models
from rnn_core.models.folder import check_model
from rnn_core.training.teachers import to_agree_on

_KEY = "teachers_chosen"


def choose_teachers() -> None:
    """The control; what is chosen goes to the settings of the form."""
    chosen = list(filter(None, settings.value("teachers").split("+")))
    titles = {
        **{name: name for name in chosen},
        **_able_to_teach(),
    }  # one that is gone stays, to be taken back
    st.session_state[_KEY] = chosen
    st.multiselect(
        settings.name_of("teachers"),
        list(titles),
        format_func=titles.__getitem__,
        key=_KEY,
        on_change=_take,
        max_selections=MOST_TEACHERS,
        placeholder="none" if titles else "no network of this seed yet",
        disabled=not titles,
        help=settings.declared_for(settings.value("data"), "teachers").help,
    )


def _take() -> None:
    settings.keep("teachers", "+".join(st.session_state[_KEY]))


def _able_to_teach() -> dict[str, str]:
    """Name -> title of the networks on this machine that can teach a run with the form's settings."""
    try:
        wanted = to_agree_on(settings.current_config())
    except ConfigError:
        return {}
    return {
        entry.name: model_title(entry.folder)
        for entry in list_models()
        if _agrees_on(entry.folder, changed_at(entry.folder)) == wanted
    }


@st.cache_data(max_entries=200, show_spinner=False)
def _agrees_on(folder: Path, changed: tuple[float, ...]) -> Mapping[str, object]:
    try:
        return to_agree_on(check_model(folder))
    except ModelFolderError:  # Read names what is damaged
        return {}
