"""The scores of the baselines, and the file with them: `artifacts/results/baselines-<data>.json`.

Those of a corpus of the user's own lie beside it, and are valid for as long as it is the same.
"""

import contextlib
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec

from rnn_core.config.corpora import CorpusRef, corpus_named
from rnn_core.config.nouns import Nouns
from rnn_core.errors import BaselineError, DataError, reason
from rnn_core.files import FormatError, from_json, to_json, write_whole
from rnn_core.models.probing import ProbeShares
from rnn_core.paths import results_folder
from rnn_core.shapes import Amount, Count, Line, Seed, Share, Value

_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineScore:
    """One baseline trained with one seed."""

    seed: Seed
    settings: Mapping[str, Value]
    """The settings that did best on the validation reviews."""
    validation_accuracy: Share
    test_accuracy: Share
    """The accuracy on the test reviews, which were scored once."""
    features: Count
    """The number of weights without the bias."""
    seconds: Amount
    """The time that all settings took that were tried."""
    probes: Mapping[Line, ProbeShares] = field(default_factory=dict)
    """Set of probes -> what it has right; empty where it was not asked, as in files from before the
    probes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A classifier without a network that a run is measured against."""

    name: Line
    title: Line
    """The name for people."""
    seeds: Annotated[tuple[BaselineScore, ...], msgspec.Meta(min_length=1, max_length=100)]
    """The scores of each seed; one at least."""

    @property
    def validation_accuracy(self) -> float:
        """The mean over the seeds, 0 to 1."""
        return statistics.fmean(score.validation_accuracy for score in self.seeds)

    @property
    def test_accuracy(self) -> float:
        """The mean over the seeds, 0 to 1."""
        return statistics.fmean(score.test_accuracy for score in self.seeds)

    def probes(self, name: str) -> ProbeShares | None:
        """Return the shares right of a set of the probes, means over the seeds; None for one not asked."""
        asked = [score.probes[name] for score in self.seeds if name in score.probes]
        return ProbeShares.mean(asked) if asked else None


def symbols_of_context(count: int) -> str:
    """Return the number of symbols in words."""
    return f"{count} symbol{'s' * (count != 1)} of context"


_Bits = Annotated[tuple[Amount, ...], msgspec.Meta(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NgramScore:
    """N-grams learned with one seed; bits per symbol by the symbols of context, from 0 on."""

    seed: Seed
    vocab_size: Count
    validation_bits: _Bits
    test_bits: _Bits
    """The bits on the test texts, which were scored once."""
    strings: Count
    """The number of different strings that were counted."""
    seconds: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class NgramBaseline:
    """Interpolated n-grams that a run is measured against."""

    seeds: Annotated[tuple[NgramScore, ...], msgspec.Meta(min_length=1, max_length=100)]
    """The scores of each seed; one at least."""
    reviews: dict[str, Count]
    """Split -> number of texts that were learned from or scored."""

    @property
    def context(self) -> int:
        """The most symbols of context that every seed has."""
        return min(len(bits) for score in self.seeds for bits in (score.validation_bits, score.test_bits)) - 1

    @property
    def best(self) -> int:
        """The symbols of context with the fewest bits on the validation texts; of equals the fewest."""
        bits = self.bits("validation")
        return bits.index(min(bits))

    @property
    def title(self) -> str:
        """The name for people."""
        return f"n-grams, {symbols_of_context(self.best)}"

    def in_words(self, nouns: Nouns) -> str:
        """Say the bits of the context that is best on the validation texts; of several seeds those of one."""
        seed, *_ = self.seeds
        bits = f"{seed.test_bits[self.best]:.4f} bits per symbol"
        return f"{self.title}, seed {seed.seed}: {bits} on the test {nouns.texts}, scored once"

    def bits(self, split: str) -> list[float]:
        """The means over the seeds on "validation" or "test", by the symbols of context."""
        of_seeds = [getattr(score, f"{split}_bits")[: self.context + 1] for score in self.seeds]
        return list(map(statistics.fmean, zip(*of_seeds, strict=True)))


_Baselines = Annotated[list[Baseline], msgspec.Meta(max_length=100)]


class _Given(TypedDict):
    """The part of the file that is read."""

    baselines: _Baselines
    corpus: NotRequired[str]
    """The mark of the corpus of the user's own that they were measured on."""
    ngrams: NotRequired[NgramBaseline]


class _GivenBefore(TypedDict):
    """A file whose name begins with `bars`, as baselines were called before."""

    bars: _Baselines


class _Counted(TypedDict):
    """A file of which only the reviews are asked for."""

    reviews: dict[str, Count]


def kept_path(data: str | CorpusRef) -> Path:
    """The file of a corpus as it is called, or was called before, where there is no other."""
    path = corpus_named(data).baselines_file
    before = path.with_name(f"bars-{data}.json")
    return before if before.exists() and not path.exists() else path


def mark_of(data: str | CorpusRef) -> str:
    """A mark that no other corpus of this name has; may be empty. Raises BaselineError."""
    try:
        return corpus_named(data).mark()
    except DataError as error:
        raise BaselineError(str(error)) from error


def write_baselines(
    data: str | CorpusRef, about: Mapping[str, Any], baselines: Sequence[Baseline]
) -> dict[str, Any]:
    """Write the file, whole; what it holds. `about` says how it was made. Raises BaselineError.

    N-grams that were measured on the same corpus stay.
    """
    return _write(data, {**about, "baselines": [asdict(one) for one in baselines]})


def write_ngrams(data: str | CorpusRef, ngrams: NgramBaseline) -> dict[str, Any]:
    """Write n-grams into the file beside what else was measured; what it holds. Raises BaselineError."""
    return _write(data, {"ngrams": asdict(ngrams)})


def _write(data: str | CorpusRef, measured: Mapping[str, Any]) -> dict[str, Any]:
    """Write what was measured, and what the file holds of the same corpus beside it unless it is damaged."""
    mark, path, kept = mark_of(data), corpus_named(data).baselines_file, dict[str, Any]()
    with contextlib.suppress(BaselineError, OSError, FormatError):
        if _read(data):
            kept = from_json(path.read_bytes(), dict[str, Any], most_bytes=_MOST_BYTES)
    content = {**kept, **measured, **({"corpus": mark} if mark else {})}
    content.setdefault("baselines", [])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, (to_json(content, indent=2) + "\n").encode())
    except OSError as error:
        raise BaselineError(
            f"The baselines could not be written to {path}: {reason(error)}. Free some disk space or make "
            "the folder writable, then try again."
        ) from error
    return content


def read_baselines(data: str | CorpusRef) -> tuple[Baseline, ...]:
    """The baselines that classify the texts of a corpus, if this one was measured.

    Raises BaselineError for a damaged file.
    """
    return tuple(_read(data).get("baselines", ()))


def read_ngram_baseline(data: str | CorpusRef) -> NgramBaseline | None:
    """The n-grams of a corpus, if this one was measured. Raises BaselineError for a damaged file."""
    found: NgramBaseline | None = _read(data).get("ngrams")
    return found


def values_of(data: str | CorpusRef, measure: str) -> dict[str, float]:
    """Title -> value of each baseline of a corpus by "validation_accuracy", "test_bits_per_token" and such.

    That of n-grams has the symbols of context that are best on the validation texts.
    Empty where none was measured by it. Raises BaselineError for a damaged file.
    """
    split, _, score = measure.partition("_")
    if split not in ("validation", "test"):
        return {}
    if score == "bits_per_token":
        ngrams = read_ngram_baseline(data)
        return {ngrams.title: ngrams.bits(split)[ngrams.best]} if ngrams else {}
    return {one.title: getattr(one, measure) for one in read_baselines(data)} if score == "accuracy" else {}


def _read(data: str | CorpusRef) -> Any:
    """Return what is read of the file; empty where this corpus was not measured."""
    corpus = corpus_named(data)
    path = kept_path(corpus)
    expected = _Given if path == corpus.baselines_file else _GivenBefore
    try:
        with path.open("rb") as file:
            given = from_json(file.read(_MOST_BYTES + 1), expected, most_bytes=_MOST_BYTES)
    except FileNotFoundError:
        return {}
    except (OSError, FormatError) as error:
        folder = "artifacts/results" if path.parent == results_folder() else path.parent
        raise BaselineError(
            f"{path.name} in {folder} can't be read: {error}. Delete it, or make it again with "
            f"`python -m rnn_core baselines --data {data}`."
        ) from error
    if not corpus.is_published and not (corpus.is_prepared() and given.get("corpus", "") == mark_of(corpus)):
        return {}
    return given if expected is _Given else {"baselines": given["bars"]}


def reviews_of_baselines(data: str | CorpusRef) -> dict[str, int]:
    """Return the number of reviews of each split that were measured; empty where nothing says so."""
    try:
        given: _Counted = from_json(kept_path(data).read_bytes(), _Counted, most_bytes=_MOST_BYTES)
    except (OSError, FormatError):
        return {}
    return given["reviews"]
