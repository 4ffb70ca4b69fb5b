"""What is true of both corpora of film reviews that come with the app."""

from pathlib import Path

from typing_extensions import override

from rnn_core.config.identity import CLASSES, Identity
from rnn_core.config.nouns import REVIEWS
from rnn_core.config.tokens import WORDS
from rnn_core.data.prepared import PreparedCorpus
from rnn_core.paths import results_folder


class FilmReviews(PreparedCorpus):
    """Film reviews in English, as many positive as negative ones."""

    offer = "reviews that come with the app"
    nouns = REVIEWS
    identity = Identity(CLASSES, WORDS, "")
    is_even = True
    of_films = True
    is_published = True
    first_search = "not boring"
    limit_of_counts = "a list of words cannot represent *not bad*"
    reads = "an English film\nreview and says whether it is positive"

    @property
    @override
    def lessons(self) -> str:
        return f"{self.nouns.texts} of {self.phrase}"

    @property
    @override
    def text_like_these(self) -> str:
        return f"a {self.nouns.described}"

    @property
    @override
    def invitation(self) -> str:
        return "Say something about a film"

    @property
    @override
    def baselines_file(self) -> Path:
        return results_folder() / f"baselines-{self.name}.json"
