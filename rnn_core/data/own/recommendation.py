"""The settings to start from on a corpus of the user's own: they follow from its size and its lengths.

Learning rate, dropout and epochs for few texts were chosen on the validation texts of corpora of 1,000,
5,000 and 10,000 sentences in two classes, counted bigrams of more classes on those of corpora of 4,900 short
texts in three, four and six; those for many texts are near to the defaults on IMDB. Those for plain text were
chosen on 1 MB of film reviews: read five times by rates of 0.004, 0.006 and 0.009 it has 2.14, 2.09 and 2.08
validation bits a character, and 93, 95 and 95 % of the words that are then written stand in it; read three
times, by 0.006, 2.20 and 91 %.
"""

import math
from collections.abc import Sequence

import numpy as np

from rnn_core.config.corpora import Recommended
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import uses_of_words
from rnn_core.data.held_out import VALIDATION_SHARE
from rnn_core.text.vocabulary import END, SPECIAL_TOKENS

_LONGEST = {"words": 400, "characters": 1_000}
_READ_WHOLE = 100
"""Tokens of a text that is never cut."""
_MOST_WORDS = 20_000
_TOKENS_OF_A_BATCH = 12_800
"""The tokens of a usual batch of IMDB, 64 reviews of 200 words."""
_MOST_TEXTS = 1_000_000
_MOST_COUNTED, _MOST_BIGRAMS = 130_000, 24_000
"""The bigrams of the shipped network `best`; counted ones are fewer where each has a number a class."""
_TOKENS_TO_LEARN_FROM, _MOST_EPOCHS = 4_000_000, 40
_SMALL, _LARGE = 20_000, 200_000
"""The texts below which a network needs dropout, and above which a single look at each nearly does."""


def recommend(corpus: Corpus) -> Recommended:
    """The settings an expert would start from on a corpus, and why."""
    training = corpus.indices("training")
    lengths = corpus.lengths()[training]
    held_out = 0 if len(corpus.indices("validation")) else round(VALIDATION_SHARE * len(training))
    texts = len(training) - held_out
    choices = (
        _vocabulary(corpus, training),
        _length(lengths, corpus.tokens.unit),
        _batches(lengths, texts),
        _epochs(texts, corpus.tokens.unit),
        _label_odds(corpus),
        *_bigrams(corpus, texts),
    )
    settings: dict[str, object] = {"hidden_size": 64, "reviews": min(max(texts, 2), _MOST_TEXTS)}
    for some, _ in choices:
        settings |= some
    return Recommended(settings, corpus.identity, tuple(reason for _, reason in choices))


_Choice = tuple[dict[str, object], str]


def recommend_writing(corpus: Corpus) -> Recommended:
    """The settings to start from on texts to write like, and why."""
    training = corpus.indices("training")
    tokens, unit = int(corpus.lengths()[training].sum()), corpus.tokens.unit
    epochs = min(max(round(_TOKENS_TO_LEARN_FROM / max(tokens, 1)), 1), _MOST_EPOCHS)
    vocabulary, about_vocabulary = _vocabulary(corpus, training, (*SPECIAL_TOKENS, END))
    settings = {
        **vocabulary,
        "max_length": 128,
        "windows": "carried",
        "hidden_size": 256,
        "embedding_size": 64,
        "reviews": min(max(len(training), 2), _MOST_TEXTS),
        "batch_size": 32,
        "learning_rate": 6e-3,
        "epochs": epochs,
        "evaluations_per_epoch": 1 if epochs >= 8 else 4,  # reading the validation texts takes its time, too
    }
    reasons = (
        about_vocabulary,
        "Maximum length 128, with the state carried: texts are read from end to end in windows of 128 "
        f"{unit}, and the error goes back to the beginning of one.",
        f"{epochs} epoch{'s' * (epochs > 1)}: {epochs * tokens:,} {unit} are read. A network of 256 units "
        f"needs some {_TOKENS_TO_LEARN_FROM / 1e6:.0f} million to learn words, but no text is read more than "
        f"{_MOST_EPOCHS} times.",
    )
    return Recommended(settings, corpus.identity, reasons)


def _vocabulary(corpus: Corpus, training: np.ndarray, specials: Sequence[str] = SPECIAL_TOKENS) -> _Choice:
    counts = uses_of_words(corpus, training)
    least = 2 if corpus.tokens.unit == "words" else 1
    known = int((counts >= least).sum())
    size = min(max(known, 1), _MOST_WORDS) + len(specials)
    covered = np.sort(counts)[::-1][: size - len(specials)].sum() / max(counts.sum(), 1)
    what = "words" if corpus.tokens.unit == "words" else "characters"
    times = "more than once" if least > 1 else "at all"
    which = f"the {_MOST_WORDS:,} most frequent" if known > _MOST_WORDS else f"all {known:,}"
    return {"vocab_size": size}, (
        f"Vocabulary size {size:,}: {which} {what} that the training texts have {times}, which are "
        f"{covered:.0%} of what is read."
    )


def _length(lengths: np.ndarray, unit: str) -> _Choice:
    covering = float(np.quantile(lengths, 0.95)) if len(lengths) else 1.0
    longest = int(lengths.max(initial=1))
    tokens = min(max(math.ceil(covering), min(longest, _READ_WHOLE)), _LONGEST[unit])
    cut = float((lengths > tokens).mean()) if len(lengths) else 0.0
    cutting = f"{cut:.1%} of the texts are longer and are cut" if cut else "no text is cut"
    return {"max_length": tokens + 1}, (
        f"Maximum length {tokens + 1:,}: room for <start> and {tokens:,} {unit}; {cutting}."
    )


def _batches(lengths: np.ndarray, texts: int) -> _Choice:
    mean = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
    by_tokens = 2 ** round(math.log2(min(max(_TOKENS_OF_A_BATCH / mean, 32), 512)))
    by_texts = 2 ** max(math.floor(math.log2(max(texts, 1) / 40)), 3) if texts else 8
    size = min(by_tokens, by_texts)
    why = (
        f"texts have {mean:,.0f} tokens on average, and a longer batch shares the fixed cost of a time step"
        if size == by_tokens
        else f"with {texts:,} texts to learn from, an epoch then has some 40 optimizer steps or more"
    )
    return {"batch_size": size}, f"Batch size {size:,}: {why}."


def _epochs(texts: int, unit: str) -> _Choice:
    spelling = 2 if unit == "characters" else 1  # a network of characters also learns what words are
    if texts < _SMALL:
        epochs = spelling * (10 if texts < 2_000 else 8 if texts < 8_000 else 6)
        few = {"embedding_dropout": 0.3, "head_dropout": 0.3, "learning_rate": 3e-3}
        return {"epochs": epochs, **few}, (
            f"{epochs} epochs with dropout 0.3 and learning rate 0.003: {texts:,} texts are few, so each is "
            "seen often, and these keep the network from learning them by heart."
        )
    epochs = spelling * (3 if texts < _LARGE else 2)
    return {"epochs": epochs, "learning_rate": 8e-3}, (
        f"{epochs} epochs: {texts:,} texts say enough when they are seen a few times."
    )


def _label_odds(corpus: Corpus) -> _Choice:
    K = len(corpus.classes)
    usual = RunConfig().model.embedding_size
    if corpus.tokens.unit == "characters":
        return {"label_odds": False}, "No label odds: a character alone says little about a class."
    if usual < K:
        return {"label_odds": False}, (
            f"No label odds: {K} classes need a number each in the vector of a word, which has {usual}."
        )
    return {"label_odds": True}, "Label odds: learning begins with how often each class has a word."


def _bigrams(corpus: Corpus, texts: int) -> list[_Choice]:
    """Pairs of words: what sets short texts apart is often a pair, such as "not bad"."""
    if corpus.tokens.unit == "characters":
        return []
    K, numbers = len(corpus.classes), RunConfig().model.embedding_size
    if numbers >= K:
        counted = min(2 * texts, 2 * _MOST_COUNTED // K)
        brought = (
            "brought one to two points of validation accuracy."
            if K == 2
            else "brought half a point to a point more of validation accuracy than vectors for them."
        )
        what = f"{counted:,} counted bigrams: on short texts the label odds of pairs of words {brought}"
        return [({"counted_bigrams": counted}, what)]
    bigrams = min(texts, _MOST_BIGRAMS)
    what = "which on sentences brought up to a point of validation accuracy"
    return [({"bigrams": bigrams}, f"{bigrams:,} bigrams: pairs of words have vectors of their own, {what}.")]
