"""Your own texts: a table becomes a corpus with which everything works that works with IMDB."""

from dataclasses import asdict
from pathlib import Path

import streamlit as st

from pages.components.data.data_controls import look_next_at
from pages.components.data.own_table import choose_columns, choose_rows, mark_of, rename_classes, show_survey
from pages.components.data.plain_form import CODE_ENDINGS, choose_text, chooses_text
from pages.components.shared import address_keys as keys
from pages.components.shared import corpora
from pages.components.shared.format import literal, size
from pages.components.shared.found_by import forget, found_by, is_at_work
from pages.components.shared.table_source import choose_path, done, file_state, is_uploaded, look_into
from pages.components.shared.went_wrong import refusal_of, saying
from rnn_core.data.own.catalogue import OwnCorpus, check_new_name, name_for, own_corpora
from rnn_core.data.own.make import add_apart, survey_apart
from rnn_core.data.own.recipe import KeptRecipe, Recipe, parse_thresholds
from rnn_core.data.own.survey import Survey, TableLook
from rnn_core.errors import ConfigError
from rnn_core.refusals import listing
from rnn_core.runs.store import Store
from rnn_core.sweeps.own_corpus import remove_corpus

_COUNTED_AT_ONCE = 30_000_000  # bytes up to which a table is counted again after each change
_KIND = "own"
_NAME, _NAMED, _ADDING, _ADDED, _LABELS = "own_name", "own_named", "own_adding", "own_added", "own_labels"


def show_own_texts() -> None:
    """The corpora of the user's own, and a way to add one."""
    st.subheader("Your own texts", anchor=False)
    _list_own()
    added = st.session_state.get(_ADDED)
    if added is not None and added == st.session_state.get(keys.CORPUS):  # until another one is looked at
        st.success(f"{literal(added)} is ready: the page shows it now, and Train can learn from it.")
    with st.expander("Add your own texts", icon=":material/add:", key="own_open", on_change="rerun"):
        st.markdown(
            "A table with a text and its class in each row: tickets and their queue, poems and their poet, "
            "questions and their topic. 2 to 50 classes, in any language. Or plain text, such as a book or "
            "source code, from which a network learns what comes next."
        )
        _add()


@saying(ConfigError, by=st.warning, icon=":material/block:")
def _add() -> None:
    path = choose_path(
        _KIND,
        "CSV, TSV, JSON Lines, Parquet, Excel (.xlsx), a folder with a sub-folder of .txt files for each "
        "class, or one of these in a zip. Plain text: .txt, .md, source code, a folder or a zip of these.",
        CODE_ENDINGS,
    )
    if path is None or (is_text := chooses_text(path)) is None:
        return
    if is_text:
        if (plain := choose_text(path)) is not None:
            _keep(plain)
        return
    source = look_into(_KIND, path)
    if source is None:
        return
    look = source[1]
    mark = mark_of(path, look)
    columns = choose_columns(look, mark)
    label, thresholds = columns["label"], columns["thresholds"]
    if not (columns["text"] and label):
        st.info("Say which column has the texts, and which their class.")
        return
    rows = choose_rows(mark)
    listed = (mark, look.options, file_state(path), label, thresholds)
    labels = st.session_state.get(_LABELS, {}).get(listed)
    merges = rename_classes(labels, f"{mark}_{label}_{thresholds}") if labels else ()
    chosen = asdict(look.options) | columns | rows | {"thresholds": parse_thresholds(thresholds)}
    recipe = Recipe(source=str(path), uploaded=is_uploaded(path), merges=merges, **chosen)
    survey = _survey(recipe, look)
    if survey is None:
        return
    if labels is None:
        st.session_state[_LABELS] = {listed: survey.labels}
        st.rerun()
    show_survey(survey, columns["tokens"].noun)
    if not survey.problem:
        _keep(recipe)


def _survey(recipe: Recipe, look: TableLook) -> Survey | None:
    about = f"{recipe.to_json()} {file_state(Path(recipe.source))}"
    asked = "own_counted"
    if look.total_bytes > _COUNTED_AT_ONCE and st.session_state.get(asked) != about:
        if st.button("Count what it holds", icon=":material/calculate:", key="own_count"):
            st.session_state[asked] = about
            st.rerun()
        st.caption("A table this large is counted only when you ask for it, since every row has to be read.")
        return None
    found = found_by("own_survey", about, lambda: survey_apart(recipe), "Opening the table")
    return found if isinstance(found, Survey) else None


def _keep(recipe: KeptRecipe) -> None:
    if st.session_state.get(_NAMED) != recipe.source:
        st.session_state[_NAMED] = recipe.source
        st.session_state[_NAME] = name_for(recipe.source)
    name, button = st.columns([7, 3], gap="medium", vertical_alignment="bottom")
    typed = name.text_input(
        "Name",
        key=_NAME,
        max_chars=50,
        live="200ms",
        help="What the corpus is called here, in links and in commands: letters, digits, - and _.",
    ).strip()
    is_adding = is_at_work("own_add")
    refused = refusal_of(check_new_name, typed) if typed else "Give the corpus a name, then it can be added."
    if refused and not is_adding:
        st.caption(f":material/block: {literal(refused)}")
    if button.button(
        "Add the corpus",
        icon=":material/library_add:",
        type="primary",
        width="stretch",
        disabled=bool(refused) or is_adding,
    ):
        forget("own_add")  # what was wrong at the last try
        st.session_state[_ADDING] = (typed, recipe)
    if _ADDING not in st.session_state:
        return
    what, how = st.session_state[_ADDING]
    if how != recipe and not is_adding:  # the form has changed since the last try failed
        forget("own_add")
        del st.session_state[_ADDING]
        return
    added = found_by(
        "own_add",
        f"{what} {how.to_json()}",
        lambda: add_apart(what, how),
        "Opening the table",
        outlives_session=True,
    )
    if added is not None:
        del st.session_state[_ADDING], st.session_state[_NAMED]
        forget("own_add")
        done(_KIND)
        st.session_state[_ADDED] = what
        look_next_at(what)
        st.rerun()


_PROBLEM = "own_remove_problem"


def _list_own() -> None:

    def remove(name: str) -> None:
        corpora.close_all()
        st.session_state[_PROBLEM] = refusal_of(remove_corpus, Store(), name)

    there = own_corpora()
    if not there:
        st.caption(
            "None yet. Add a table, and everything here works with it: the views above, training, reading, "
            "experiments. In a shell: `python -m rnn_core data add FILE --name NAME`."
        )
    for corpus in there:
        line, button = st.columns([8, 2], gap="small", vertical_alignment="center")
        what = "the damaged files of" if corpus.problem else f"the {corpus.texts:,} texts of"
        line.markdown(_described(corpus))
        with button.popover(
            "Delete", icon=":material/delete:", width="stretch", key=f"own_delete_{corpus.name}"
        ):
            st.markdown(
                f"Deletes {what} **{literal(corpus.name)}** ({size(corpus.bytes)}). "
                "A file on this machine that it was made of stays; an uploaded one was not kept, so that it "
                "must be given again. Networks that learned from it still read what you type."
            )
            st.button(
                "Delete it",
                type="primary",
                key=f"own_delete_now_{corpus.name}",
                on_click=remove,
                args=(corpus.name,),
            )
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(literal(problem), icon=":material/error:")


def _described(corpus: OwnCorpus) -> str:
    if corpus.problem:
        return f"**{literal(corpus.name)}**: {literal(corpus.problem)}"
    names = [literal(name) for name in corpus.classes[:4]]
    more = len(corpus.classes) - len(names)
    named = f" ({', '.join(names)} and {more} more)" if more else f" ({listing(names)})"
    return (
        f"**{literal(corpus.name)}**: {corpus.holds}{named if len(names) > 1 else ''}, "
        f"{size(corpus.bytes)}, added {corpus.added.astimezone():%d %B %Y}."
    )
