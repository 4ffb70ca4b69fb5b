"""What the settings cost, in four numbers that stand over every picture of the Data page."""

import numpy as np
import streamlit as st

from pages.components.data.data_controls import DataChoice
from pages.components.data.data_facts import DataFacts
from pages.components.shared.format import share_of_all
from rnn_core.config.words import unit_of
from rnn_core.data.corpus import Corpus
from rnn_core.data.statistics.batches import TO_MAXIMUM, padding_share
from rnn_core.data.statistics.lengths import cut_cost
from rnn_core.text.window import room_for_words


def show_summary(choice: DataChoice, corpus: Corpus, facts: DataFacts) -> None:
    """Words known, reviews cut, words lost, padding."""
    noun, nouns, unit = (
        choice.config.corpus.nouns.text,
        choice.config.corpus.nouns.texts,
        unit_of(corpus.tokens),
    )
    known = facts.coverage.at(choice.text.vocab_size)
    cost = cut_cost(facts.lengths, np.array([room_for_words(choice.text)]))
    padding = padding_share(facts.lengths, choice.text, choice.batch_size, TO_MAXIMUM, seed=0)
    with st.grid(4, min_column_width=130, gap="small"):
        for label, share, help in (
            (
                f"{unit.capitalize()}s known",
                known.running_training,
                f"Share of all {unit}s of the training {nouns}, counted as often as they are used, that the "
                f"vocabulary has. The network reads every other one as <unk>. In the test {nouns}: "
                f"{share_of_all(float(known.running_test))}.",
            ),
            (
                f"{nouns.capitalize()} cut",
                cost.reviews[0],
                f"Share of the training {nouns} with more than {room_for_words(choice.text):,} {unit}s: "
                f"so many have room in a maximum length of {choice.text.max_length:,}.",
            ),
            (
                f"{unit.capitalize()}s cut off",
                cost.words[0],
                f"Share of all {unit}s of the training {nouns} that are never read.",
            ),
            (
                "Padding",
                padding,
                f"Share of the time steps that are padding when every {noun} is filled up to the maximum "
                "length, as it is when padding is read.",
            ),
        ):
            st.metric(label, share_of_all(float(share)), help=help)
