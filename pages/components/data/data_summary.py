"""What the settings cost, in four numbers that stand over every picture of the Data page."""

import numpy as np
import streamlit as st

from pages.components.data.data_controls import DataChoice
from pages.components.data.data_facts import DataFacts
from rnn_core.data.statistics.batches import TO_MAXIMUM, padding_share
from rnn_core.data.statistics.lengths import cut_cost
from rnn_core.text.window import room_for_words


def show_summary(choice: DataChoice, facts: DataFacts) -> None:
    """Words known, reviews cut, words lost, padding."""
    known = facts.coverage.at(choice.text.vocab_size)
    cost = cut_cost(facts.lengths, np.array([room_for_words(choice.text)]))
    padding = padding_share(facts.lengths, choice.text, choice.batch_size, TO_MAXIMUM, seed=0)
    with st.grid(4, min_column_width=130, gap="small"):
        for label, share, help in (
            (
                "Words known",
                known.running_training,
                "Share of the running words of the training reviews that are in the vocabulary. The network "
                f"reads every other one as <unk>. In the test reviews: {known.running_test:.1%}.",
            ),
            (
                "Reviews cut",
                cost.reviews[0],
                f"Share of the training reviews with more than {room_for_words(choice.text):,} words: "
                f"so many have room in a maximum length of {choice.text.max_length:,}.",
            ),
            (
                "Words cut off",
                cost.words[0],
                "Share of all words of the training reviews that are never read.",
            ),
            (
                "Padding",
                padding,
                "Share of the time steps that are padding when every review is filled up to the maximum "
                "length, as it is when padding is read.",
            ),
        ):
            st.metric(label, f"{share:.1%}", help=help)
