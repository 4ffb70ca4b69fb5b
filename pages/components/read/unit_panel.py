"""Panel on units: what they respond to in many reviews, which predict the label, similar moments."""

import html
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.components.read.panels import gives_verdict, panel
from pages.components.read.readings import Reading
from pages.components.read.reviews_beside import reviews_for
from pages.components.shared.assets import style
from pages.components.shared.choose_view import choose_view, tick_a_row
from pages.components.shared.format import literal
from pages.components.shared.found_by import goes_on
from pages.components.shared.jobs import jobs
from pages.components.shared.token_strip import direction_of
from rnn_core.data.corpus import Corpus
from rnn_core.figures.colours import Theme, class_colours, ink
from rnn_core.figures.in_words import units_in_words
from rnn_core.figures.text import counted, shorten
from rnn_core.inspection.units import (
    Moment,
    UnitIndex,
    build_unit_index,
    context,
    open_unit_index,
    unit_index_path,
    words_read,
)
from rnn_core.models.model import Model
from rnn_core.text.readable import visible
from rnn_core.text.tokenizer import spelled, tokenize

_AROUND = {"word": 6, "character": 16}  # tokens shown on either side


def list_moments(
    reading: Reading, corpus: Corpus, moments: Sequence[Moment], number: str, theme: Theme
) -> None:
    """A line each; `number` is how its value is written. What texts and names of classes say is escaped."""
    trace = reading.trace
    colours = class_colours([trace.classes[number] for number in trace.in_sight], len(trace.classes))
    names = {moment.label: shorten(moment.label, 20) for moment in moments}
    longest = max(map(len, names.values()), default=0)
    lines, rules = [], reading.model.config.tokens
    gap = rules.gap
    for moment in moments:
        words = context(reading.model, corpus, moment, _AROUND[reading.unit])
        colour = ink(colours.get(moment.label, theme.muted), theme)
        before = html.escape(("… " if words.goes_on_before else "") + spelled(words.before, rules))
        word = html.escape(visible(words.word))
        after = html.escape(spelled(words.after, rules) + (" …" if words.goes_on_after else ""))
        towards = direction_of([corpus.text(moment.review)])
        lines.append(
            f'<div class="gs-moment" style="--gs-colour:{colour}">'
            f'<span class="value">{number.format(moment.value)}</span>'
            f'<bdi class="label">{html.escape(names[moment.label])}</bdi>'
            f'<span class="words" dir="{towards}">{before}{gap}<b>{word}</b>{gap}{after}'
            "</span></div>"
        )
    st.html(
        style(__file__, muted=theme.muted, text=theme.text, label=f"{longest * 0.55:.1f}em") + "".join(lines)
    )


_SHOWN = 10
_SPARE = 10  # found beyond those shown: the review that is read may be one of the corpus, even several times


def show_similar(reading: Reading, index: UnitIndex, corpus: Corpus, time: int, theme: Theme) -> None:
    """Shows the moments found among the states that the index keeps."""
    word = reading.model.config.corpus.nouns.text
    st.markdown(
        f"**Moments like time step {counted(time)}**: the hidden states of other {word}s most similar to "
        "this one, by their cosine"
    )
    found = index.nearest(reading.trace.arrays["h"][time], _SHOWN + _SPARE)
    every, kept = int(words_read(reading.model, corpus, corpus.indices("test")).sum()), len(index.states)
    words = f"{every:,} {reading.unit}s of the test {word}s"
    list_moments(reading, corpus, other_reviews(found, reading, corpus), "{:.3f}", theme)
    if kept >= every:
        st.caption(f"Found among the states after all {words}; at most one of a {word}.")
        return
    st.caption(
        f"Found among {kept:,} of the states after the {words}, drawn at random; at most one of a {word}. "
        "There may be more similar ones among the rest."
    )


def other_reviews(found: list[Moment], reading: Reading, corpus: Corpus) -> list[Moment]:
    """Returns the moments to show: without the review itself, where it is one of the corpus."""
    own = list(reading.trace.review.tokens)
    return [moment for moment in found if tokenize(corpus.text(moment.review), corpus.tokens) != own][:_SHOWN]


@panel("Units", "What does a single unit respond to?", needs=gives_verdict)
def show_units(reading: Reading, time: int, theme: Theme) -> None:
    """The index of the model, made when it is asked for; then the explorer."""
    model = reading.model
    corpus = reviews_for(model)
    if corpus is None:
        return
    layer = reading.trace.layer
    path = unit_index_path(model, corpus, layer=layer)
    index = _kept(path, path.stat().st_mtime, layer, model, corpus) if path.exists() else None
    if index is None:
        _offer_to_build(path, model, corpus, layer)
        return
    ranked, moments = st.columns([2, 3], gap="large")
    symbols = [known.letter for known in reading.trace.declared.symbols]
    letters = {letter: letter for letter in symbols if letter in index.letters}
    with ranked:
        letter = choose_view(
            "Gate or state", letters, f"unit_letter_{reading.trace.cell}", usual="h", wrap=False
        )
        unit = _choose_unit(index, letter, reading)
    of_layer = f" in layer {layer}" if reading.trace.layers > 1 else ""
    with moments:
        where = f"in the test {model.config.corpus.nouns.texts}"
        st.markdown(f"**What makes unit {unit} of {letter}{of_layer} largest**, {where}")
        list_moments(reading, corpus, index.openers(letter, unit)[:_SHOWN], "{:.2f}", theme)
    show_similar(reading, index, corpus, time, theme)


def _choose_unit(index: UnitIndex, letter: str, reading: Reading) -> int:
    """A table of the units, those first that predict the followed class best; the one that is ticked."""
    texts = reading.model.config.corpus.nouns.texts
    name, is_of_two = reading.followed_in_words, len(index.classes) == 2
    followed = index.classes.index(reading.followed)
    ranking = index.ranking(letter, followed)
    st.markdown(f"**Units by how well their mean predicts {'the label' if is_of_two else name}**")
    rows = tick_a_row(
        pd.DataFrame({"unit": ranking.units, "area under the ROC curve": ranking.auc}),
        f"unit_explored_{letter}_{followed}",  # the ticked row is a place in this ranking
        f"Units of {letter} by the area under the ROC curve.",
        height=300,
        column_config={
            "area under the ROC curve": st.column_config.ProgressColumn(
                format="%.3f",
                min_value=0.0,
                max_value=1.0,
                help=f"How often the unit's mean is larger in the {name} one of two {texts} "
                f"{'with different labels' if is_of_two else 'of which the other is of another class'}: 1 "
                "always, 0.5 as often as not, 0 never.",
            )
        },
    )
    best = units_in_words(letter, ranking.units, ranking.auc, "the label" if is_of_two else reading.followed)
    st.markdown(literal(best))
    return int(ranking.units[rows[0] if rows else 0])


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(path: Path, changed: float, layer: int, _model: Model, _corpus: Corpus) -> UnitIndex | None:
    return open_unit_index(_model, _corpus, layer=layer)


def _offer_to_build(path: Path, model: Model, corpus: Corpus, layer: int) -> None:
    name = str(path)
    if goes_on(lambda: jobs().get(name), "cancel_units"):
        return
    named, texts = model.config.corpus, model.config.corpus.nouns.texts
    takes = "What it finds is kept."
    if named.is_shipped:
        takes = f"For 25,000 {texts} that takes about half a minute; what it finds is kept."

    def build() -> None:
        jobs().start(name, lambda: build_unit_index(model, corpus, layer=layer), f"Looking at the {texts}")

    st.info(
        f"To find what its units respond to, the model has to read all {len(corpus.indices('test')):,} test "
        f"{texts} once. {takes}",
        icon=":material/manage_search:",
    )
    st.button(
        f"Read the test {texts}",
        icon=":material/play_arrow:",
        type="primary",
        key="build_units",
        on_click=build,
    )
