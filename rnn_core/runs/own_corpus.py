"""What a run on a corpus of the user's own must say: that the corpus is gone, that its file carries words."""

from pathlib import Path

from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import about_corpus, identity_of
from rnn_core.data.own import catalogue
from rnn_core.data.own.catalogue import exists, own_folder
from rnn_core.errors import ConfigError, DataError, RunError, reason
from rnn_core.files import FormatError
from rnn_core.models.folder import VOCABULARY
from rnn_core.refusals import shown
from rnn_core.text.vocabulary import SPECIAL_TOKENS


def why_gone(config: RunConfig) -> str:
    """Why a run can't be trained on with its corpus, in sentences; empty where it can."""
    if config.is_built_in:
        return ""
    if not exists(config.data):
        return str(catalogue.gone(config.data))
    try:
        found = identity_of(about_corpus(own_folder(config.data)))
    except (ConfigError, DataError, OSError, FormatError) as error:
        return f"The corpus {shown(config.data)} can't be read: {reason(error)}."
    if how := config.identity.differs(found):
        return (
            f"The corpus {shown(config.data)} on this machine is not the one that this run learned from: "
            f"{how}. Add the corpus again as it was to go on."
        )
    return ""


def need_corpus(config: RunConfig) -> None:
    """Raise RunError where the corpus of a run is gone or another one by now."""
    if why := why_gone(config):
        raise RunError(why)


def words_inside(folder: Path, config: RunConfig) -> str:
    """A sentence that the file of a run or model carries words of private texts; empty for public ones."""
    if config.is_built_in:
        return ""
    try:
        with (folder / VOCABULARY).open(encoding="utf-8") as file:
            count = max(sum(1 for _ in file) - len(SPECIAL_TOKENS), 0)
    except (OSError, UnicodeDecodeError):
        count = config.text.vocab_size - len(SPECIAL_TOKENS)
    what = "words" if config.tokens.unit == "words" else "characters"
    return f"The file holds the vocabulary: the {count:,} most frequent {what} of the texts."
