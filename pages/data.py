"""The page Data: what the network gets to read, that is reviews, the vocabulary, the cut and the padding."""

import streamlit as st

from pages.components.data.data_controls import data_controls, take_verdict
from pages.components.data.data_facts import facts_of, show_copies, show_summary
from pages.components.data.data_places import show_places
from pages.components.data.data_views import show_view
from pages.components.data.own_texts import show_own_texts
from pages.components.shared import corpora, guard
from pages.components.shared.assets import current_theme
from pages.components.shared.data_source import data_source
from pages.components.shared.glossary import explained
from pages.components.shared.live_chart import load_charts
from pages.components.shared.streamlit_private import end_page

guard.enter("pages/data.py")

st.title("What does the network get to read?")
about = st.empty()
summary = st.container()
controls, picture = st.columns([3, 7], gap="medium")
with controls:
    config = data_controls()
    load_charts()
if config is None:
    end_page()
about.caption(
    explained(
        "Move a slider and see how vocabulary, maximum length and padding change the "
        f"{config.corpus.nouns.texts}.",
        "about",
    )
)

corpus = None
with picture:
    is_ready = data_source(config.corpus, take_verdict)
    corpus = corpora.opened(config.data, patience=3.0) if is_ready else None
    if corpus is not None:
        with st.spinner(f"Counting the {corpus.tokens.noun}s of the {corpus.ref.nouns.texts}"):
            facts = facts_of(corpus)
        with summary:
            show_summary(config, corpus, facts)
        show_view(config, corpus, facts, current_theme())

show_own_texts()
show_places(config.corpus)
if corpus is not None:
    show_copies(corpus)
