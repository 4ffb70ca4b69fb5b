"""A network as a file to hand on: in which format, what will be inside, and the file once it is made."""

from collections.abc import Generator, Sequence
from contextlib import suppress

import streamlit as st

from pages.components.shared.downloads import offer_file
from pages.components.shared.format import literal, size, with_code
from pages.components.shared.found_by import forget, found_by
from pages.components.shared.model_picker import changed_at
from pages.components.shared.went_wrong import refusal_of
from rnn_core.errors import RunError
from rnn_core.export.format import ModelFormat
from rnn_core.export.inside import inside_in_words, large_in_words
from rnn_core.export.written import MODEL_FORMATS, downloaded
from rnn_core.models.model import KeptModel
from rnn_core.progress import Progress
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import described_model


def show_model_export(models: Sequence[KeptModel], key: str) -> None:
    """The format, a button that makes the file, and then the one that downloads it; at first nothing is made.

    `key` sets this place apart from others of the page. Of several models it offers the formats that take so
    many, see `takes_so_many`.
    """
    formats = {name: form for name, form in MODEL_FORMATS.items() if form.most_models >= len(models)}
    name = st.segmented_control(
        "Format",
        list(formats),
        format_func=lambda name: formats[name].label if name in formats else name,
        default=next(iter(formats)),
        required=True,
        key=f"{key}_format",
        label_visibility="collapsed",
    )
    form = formats[name]
    st.markdown(form.help)
    why_not = refusal_of(form.refuse, models)
    before = st.container()
    asked, kind = f"{key}_asked", f"{key}_work"
    about = " ".join([name, *(f"{model.name} {model.folder} {changed_at(model.folder)}" for model in models)])
    if st.button(
        "Make the folder" if form.is_folder else "Make the file",
        icon=":material/deployed_code:",
        disabled=bool(why_not),
        help=with_code(why_not) if why_not else None,
        key=f"{key}_make",
    ):
        forget(kind)
        st.session_state[asked] = about
    is_asked = st.session_state.get(asked) == about and not why_not
    if is_asked:
        made = found_by(kind, about, lambda: _download(form, models), "Beginning")
        if made is not None:
            (file, content, mime), said = made
            label = f"Download {literal(file)}, {size(len(content))}"
            offer_file(label, content, file, mime, type="primary", key=f"{key}_download")
            for sentence in said:
                st.caption(with_code(sentence))
    with before:
        if why_not:
            st.info(with_code(why_not), icon=":material/block:")
        elif not is_asked:  # later the file itself says what is in it
            st.caption(literal(inside_in_words(models)))
            if large := large_in_words(models, form):
                st.caption(f":material/hourglass_top: {literal(large)}")
    if not why_not:
        st.caption(f"In a shell: `{_command(name, form, models)}`")


def takes_so_many(count: int) -> bool:
    """True if any format takes so many models."""
    return any(form.most_models >= count for form in MODEL_FORMATS.values())


def known_in_store(model: KeptModel) -> KeptModel:
    """The model of a run with what the store knows of it, such as its name; another model as it is."""
    store = Store()
    if model.folder.parent != store.root:
        return model
    with suppress(RunError):  # Train says what is the matter with the store; the folder is whole
        return described_model(store.runs.get(model.folder.name), model)
    return model


def _download(
    form: ModelFormat, models: Sequence[KeptModel]
) -> Generator[Progress, None, tuple[tuple[str, bytes, str], Sequence[str]]]:
    """The exported file as `downloaded` returns it, and what is said of it."""
    made = yield from form.export(models)
    return downloaded(form, made, f"gatescope-{_stem(models)}"), made.said


def _stem(models: Sequence[KeptModel]) -> str:
    """Returns the name of the file without its ending."""
    return "-and-".join(model.folder.name for model in models)


def _command(name: str, form: ModelFormat, models: Sequence[KeptModel]) -> str:
    names = " ".join(model.folder.name for model in models)
    return f"python -m rnn_core export {names} --to {name} --out {_stem(models)}{form.suffix}"
