"""Questions that no sweep answers.

“What do they understand?”: networks answer probes, as they are now. “Is there one unit that knows the
verdict?”: a command measured it.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared import address
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from pages.components.shared.model_picker import can_give_verdict, config_of
from pages.components.shared.panel_chart import panel_chart
from pages.components.shared.probe_answers import choose_probe_set, probe_answers, show_what_is_shared
from pages.components.shared.read_links import understanding_of
from pages.components.shared.went_wrong import saying
from rnn_core.baselines.scores import read_baselines
from rnn_core.config.words import recipes_apart
from rnn_core.data.composed.overlap import probes_summary
from rnn_core.data.probes.pairs import TITLES, texts_without_opinion
from rnn_core.errors import BaselineError, ModelFolderError, OverflowedError, SweepError
from rnn_core.figures.colours import Theme
from rnn_core.figures.effects import named_cases
from rnn_core.figures.understanding import ShareRow, share_fields
from rnn_core.models.catalogue import list_models
from rnn_core.models.folder import read_config
from rnn_core.models.model import Model
from rnn_core.models.probing import RightShares
from rnn_core.progress import RateLimit
from rnn_core.sweeps.one_unit import read_one_unit
from rnn_core.sweeps.understanding import (
    Measure,
    Understood,
    easiest_and_hardest,
    understanding,
    understanding_table,
)

UNDERSTANDING = "what_they_understand"
"""Its name in the address; no sweep can have it, since it has underscores."""
_MEASURES: dict[Measure, str] = {"pairs_right": "Whole pairs", "sentences_right": "Sentences"}
_FIELDS: dict[Measure, str] = {
    "pairs_right": "how many of 100 pairs have both sentences right",
    "sentences_right": "how many of 100 sentences are right",
}
_UNDECIDED = "No opinion, left undecided"


def show_understanding(controls: DeltaGenerator, theme: Theme) -> None:
    """The finding, the picture, and the way to each network, with what is shown chosen in `controls`."""
    what, asked = controls.columns(2, gap="medium")
    with asked:
        probes = choose_probe_set()
    networks, by_name = _probed_networks(probes), _probed_baselines(probes)
    says = understanding(networks, {name: one.shares for name, one in by_name.items()})
    if says is None:
        st.info("No network comes with this copy of the app. Read shows the ones that you train.")
        return
    measure: Measure = what.segmented_control(
        "Shown",
        list(_MEASURES),
        default="pairs_right",
        required=True,
        format_func=_MEASURES.__getitem__,
        key="understanding_measure",
        persist_state="session",
        help="A pair is right where the network has both of its sentences right. Guessing has half of the "
        "sentences right, and a quarter of the pairs.",
    )
    lead, text = says
    st.markdown(explained(f"**{lead}**", "finding"))
    with st.expander("All numbers, and what they rest on", icon=":material/format_list_numbered:"):
        _show_models([*networks, *by_name.values()])
        st.markdown(explained(text, "all numbers"))
        st.caption(explained(_rests_on(networks, probes, has_baselines=bool(by_name)), "rests on"))
    baselines = list(by_name.values())
    _show_picture([*baselines, *networks], len(baselines), measure, probes, theme)
    show_what_is_shared()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Ask one yourself:", width="content")
        for network in networks:
            query = understanding_of(network.name, probes)
            address.link("pages/read.py", literal(network.name), query, "menu_book", width="content")


def _show_models(models: Sequence[Understood]) -> None:
    """A row for each network and baseline with its shares of all probes, the most pairs right first."""
    ranked = sorted(models, key=lambda one: one.shares.all.pairs_right, reverse=True)
    shares = {
        _MEASURES[measure]: [100 * getattr(one.shares.all, measure) for one in ranked]
        for measure in _MEASURES
    }
    st.dataframe(
        {"Model": [one.name for one in ranked], **shares},
        hide_index=True,
        column_config=dict.fromkeys(shares, st.column_config.NumberColumn(format="%.1f%%")),
        alt="The shares of all probes that each network and baseline has right.",
    )


def _rests_on(networks: Sequence[Understood], probes: str, *, has_baselines: bool) -> str:
    asked = networks[0].shares
    pairs, phenomena = asked.all.pairs, len(asked.phenomena)
    baselines = (
        "The baselines learned from the IMDB reviews: means over their seeds."
        if has_baselines
        else "The baselines that count words were not asked these."
    )
    written = (
        f"{pairs:,} pairs for {phenomena} phenomena, written for this project in the manner of CheckList "
        f"(Ribeiro et al., 2020). {probes_summary(probes)} Networks answer as they come with the app."
    )
    folders = {entry.name: entry.folder for entry in list_models()}
    recipes = recipes_apart([read_config(folders[network.name]) for network in networks])
    return " ".join(filter(None, [written, recipes, baselines]))


def _show_picture(
    models: Sequence[Understood], beside: int, measure: Measure, probes: str, theme: Theme
) -> None:
    """The shares of each model, baselines first; below it what a field says, and what is easy and hard."""
    panel_chart(
        share_fields(_rows(models, measure), [one.name for one in models], beside=beside, theme=theme),
        key="understanding",
        alt=f"{_MEASURES[measure]} right, for {len(models)} models by phenomenon.",
        table=lambda: understanding_table(models),
        saved_as="gatescope-understanding",
        whose=measure,
    )
    to_the_left = "To the left of the line: baselines that count words. " if beside else ""
    undecided = (
        f"Last row: what share of {texts:,} texts without an opinion gets a probability between 30 and 70%."
        if (texts := len(texts_without_opinion(probes)))
        else ""
    )
    st.caption(
        f"Each field: {_FIELDS[measure]}. {to_the_left}{easiest_and_hardest(models[beside:], measure)} "
        f"{undecided}"
    )


def _rows(models: Sequence[Understood], measure: Measure) -> list[ShareRow]:
    def note(group: str, some: RightShares) -> str:
        return (
            f"{group}: {some.sentences_right:.1%} of the sentences right, {some.pairs_right:.1%} of the pairs"
        )

    groups = [one.shares.by_group() for one in models]
    rows = [
        ShareRow(
            f"{group}, {some.pairs:,} pairs",
            [getattr(of[group], measure) for of in groups],
            [note(group, of[group]) for of in groups],
            is_apart=group not in TITLES.values(),
        )
        for group, some in groups[0].items()
    ]
    undecided = [one.shares.undecided for one in models]
    if all(share is None for share in undecided):
        return rows
    notes = ["gives no probability" if share is None else f"{_UNDECIDED} {share:.1%}" for share in undecided]
    return [*rows, ShareRow(_UNDECIDED, undecided, notes, is_apart=True)]


def _probed_networks(probes: str) -> list[Understood]:
    """The networks that give a verdict, the least understanding first; a sentence on any damaged one."""
    models = [entry for entry in list_models() if entry.is_pretrained]
    pretrained = [entry for entry in models if can_give_verdict(config_of(entry.folder))]
    place, is_slow, found = st.empty(), RateLimit(0.3, from_now=True), []
    for done, entry in enumerate(pretrained):
        if is_slow():
            place.progress(done / len(pretrained), f"{done:,} of {len(pretrained):,} networks have answered")
        try:
            answers = probe_answers(entry.folder, probes, partial(Model.load, entry.folder))
            composed = read_config(entry.folder).training.composed > 0
        except ModelFolderError as error:
            st.error(literal(f"{error} The others have answered."), icon=":material/broken_image:")
        except OverflowedError as error:
            st.error(literal(f"{entry.name}: {error} The others have answered."), icon=":material/error:")
        else:
            found.append(Understood(entry.name, answers.scores.shares(answers.undecided), composed))
    place.empty()
    return sorted(found, key=lambda one: (one.shares.all.pairs_right, one.name))


def _probed_baselines(probes: str) -> Mapping[str, Understood]:
    asked: dict[str, Understood] = {}
    with saying(BaselineError, by=st.warning):
        for one in read_baselines("imdb"):
            if (shares := one.probes(probes)) is not None:
                asked[one.name] = Understood(one.title, shares)
    return asked


_NETWORKS = {"trained": "Trained", "untrained": "Before training"}


@saying(SweepError)
def show_one_unit(_controls: DeltaGenerator, theme: Theme) -> None:
    """The finding, its numbers, and the share that unit or units of each network have right."""
    results = read_one_unit()
    if results is None:
        st.info("Nobody has asked a network yet: `python -m rnn_core one-unit MODEL --keep` does.")
        return
    rows = [
        (f"{_NETWORKS[one.network]}, {which}, {one.state} state", share, "")
        for which in ("all units", "one unit")
        for one in results.found
        for share in [one.all_units if which == "all units" else one.one_unit]
    ]
    table = pd.DataFrame(rows, columns=["case", "right", "run"])
    if said := results.in_words():
        st.markdown(explained(f"**{said[0]}**", "finding"))
        with st.expander("What it rests on", icon=":material/format_list_numbered:"):
            st.markdown(explained(said[1], "all numbers"))
            st.caption(explained(said[2], "limits"))
    title = "Test reviews that are right, each verdict counting alike"
    panel_chart(
        named_cases(table, "right", table["case"], title=title, lines={"Guessing": 0.5}, theme=theme),
        key="one_unit",
        alt=f"{title}, for the best unit and all units of a network before and after training.",
        table=lambda: table.drop(columns="run"),
        saved_as="gatescope-one-unit",
        whose=results.model,
    )
    st.caption(f"Made by `python -m rnn_core one-unit {results.model} --texts {results.texts} --keep`.")
