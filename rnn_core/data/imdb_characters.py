"""IMDB's reviews by characters, to predict the next one of: blanks, lines, signs and capital letters stay."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from typing_extensions import override

from rnn_core.config.corpora import Preparation
from rnn_core.config.tasks import NEXT_TOKEN
from rnn_core.config.tokens import EXACT_CHARACTERS
from rnn_core.data.corpus import FILMS, Text
from rnn_core.data.imdb import Imdb
from rnn_core.text.readable import as_meant
from rnn_core.text.tokenizer import without_breaks

_BYTES, _SECONDS = 324_000_000, 15  # of 64 million characters


class ImdbCharacters(Imdb):
    """The reviews of the same archive, each `<br />` the end of a line; labels are kept.

    Dashes and dots that became control characters are dashes and dots again, so that one can type them.
    """

    kind = data = "imdb-characters"
    offer = "the characters of IMDB's reviews"
    identity = FILMS._replace(tokens=EXACT_CHARACTERS)
    task = NEXT_TOKEN
    bare: ClassVar[Mapping[str, Any]] = {"vocab_size": 200, "max_length": 256, "windows": "all"}
    recommended: ClassVar[Mapping[str, Any]] = {
        **bare,
        "hidden_size": 256,
        "embedding_size": 64,
        "learning_rate": 4e-3,
        "epochs": 2,
    }
    of_films = answers_probes = is_published = False
    limit_of_counts = ""
    reads = "an English film\nreview and says what comes next"
    title = phrase = "IMDB by characters"
    first_sentence = "The film"

    @override
    def how_it_stands(self) -> str:
        if self.is_prepared():
            return super().how_it_stands()
        return (
            f"made of the archive of IMDB, {'on request' if self.can_be_made_again() else 'once it is here'}."
        )

    @override
    def preparation(self) -> Preparation | None:
        return Preparation(self.title, _BYTES, _SECONDS) if self.can_be_made_again() else None

    @override
    def as_read(self, reviews: Iterable[Text]) -> Iterator[Text]:
        return (review._replace(text=as_meant(without_breaks(review.text, "\n"))) for review in reviews)


KIND = ImdbCharacters
