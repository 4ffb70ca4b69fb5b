"""A text to begin with for networks that learned from texts of the user's own."""

from pages.components.shared import corpora
from rnn_core.config.identity import is_built_in
from rnn_core.data.sources import is_prepared


def is_gone(data: str) -> bool:
    """Whether a corpus of the user's own is not on this machine any more."""
    return not is_built_in(data) and not is_prepared(data)


def first_text(data: str) -> str:
    """The first test text of a corpus of the user's own; empty where there is none."""
    corpus = None if is_gone(data) else corpora.opened(data)
    if corpus is None or not len(tests := corpus.indices("test")):
        return ""
    return corpus.text(int(tests[0]))
