"""What a run on a corpus of the user's own must say: that the corpus is gone, that its file carries words."""

from pathlib import Path

from rnn_core.config.run import RunConfig
from rnn_core.errors import RunError
from rnn_core.models.folder import VOCABULARY
from rnn_core.text.vocabulary import SPECIAL_TOKENS


def need_corpus(config: RunConfig) -> None:
    """Raise RunError where the corpus of a run is gone or another one by now."""
    if why := config.corpus.why_gone(config.identity):
        raise RunError(why)


def words_inside(folder: Path, config: RunConfig) -> str:
    """A sentence that the file of a run or model carries words of private texts; empty for public ones."""
    if not config.corpus.is_private:
        return ""
    try:
        with (folder / VOCABULARY).open(encoding="utf-8") as file:
            count = max(sum(1 for _ in file) - len(SPECIAL_TOKENS), 0)
    except (OSError, UnicodeDecodeError):
        count = config.text.vocab_size - len(SPECIAL_TOKENS)
    what = "words" if config.tokens.unit == "words" else "characters"
    return f"The file holds the vocabulary: the {count:,} most frequent {what} of the texts."
