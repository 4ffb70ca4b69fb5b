"""Whatever is typed or pasted, a network answers, or says that there is no word in it."""

import random
from itertools import chain, cycle, islice

import numpy as np
import pytest

from rnn_core.errors import EmptyReviewError
from rnn_core.inspection.trace import trace
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import UNK_ID
from tests.inspection.made import WORDS, make_model

pytestmark = pytest.mark.slow

CELLS = ("elman", "gru", "lstm")
TEXTS = 3_000
H = 5
WINDOWS = (
    {"max_length": 40},
    {"max_length": 12, "truncation": "post"},
    {"max_length": 30, "start_token": False, "readout": "max"},
    {"max_length": 20, "skip_padding": False, "readout": "mean"},
    {"max_length": 20, "skip_padding": False, "padding": "post", "head": "two-logit"},
    {"max_length": 1, "start_token": False, "input": "one-hot"},
)

MARKUP = """<script>alert('good')</script> <b>film</b> <BR/><br> &lt;the&gt; <pad> <start> <unk> <!-- was -->
<![CDATA[bad]]> {{film}} ${film} $\\frac{a}{b}$ [a](http://x.y) '; DROP TABLE runs; -- %s {0} ../../etc/passwd
# film * bad ``` \\u0000 :material/movie: :red[good]""".split()
EMOJI = "🎬 👍🏽 👨‍👩‍👧‍👦 🇫🇷 ❤️ ☹ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿".split()
RIGHT_TO_LEFT = ("فيلم", "جميل", "סרט", "טוֹב", "\u202efilm\u202c", "\u2067bad\u2069", "\u200f", "ﷺ", "١٢٣")
CONTROLS = [chr(i) for i in (*range(32), *range(127, 160))]
COMBINING = [chr(0x300 + i) for i in range(112)]
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\ufe0f"
FOLDED = "ﬁŉǆＷΰẞİſΣς½²Ⅷ㎏㍿ﬃ"  # one character that becomes several, or another one


def draw(rng, source, most=30):
    return "".join(rng.choices(source, k=rng.randint(0, most)))


def among_words(source):
    """Writes pieces of a source in, before and between words."""

    def write(rng):
        pieces = [rng.choice((*source, "the", "film", "good", "bad", "zither", " ", "")) for _ in range(12)]
        return rng.choice(("", " ", "\n")).join(pieces)

    return write


def code_points(low, high):
    return lambda rng: "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 40)))


KINDS = {
    "nothing": lambda rng: draw(rng, " \n\t\r\f\v\u00a0\u2003\u2028\u3000", 5),
    "words": lambda rng: " ".join(rng.choices((*WORDS.words[3:], "zither"), k=rng.randint(1, 60))),
    "any Unicode": code_points(0, 0x10FFFF),
    "the plane in use": code_points(0, 0xFFFF),
    "Latin": code_points(0, 0x24F),
    "surrogates": code_points(0xD800, 0xDFFF),
    "surrogates among words": among_words(["\ud83d", "\udcff", "\ud83d\ude00"]),
    "control characters": among_words(CONTROLS),
    "combining marks": lambda rng: "".join(letter + draw(rng, COMBINING, 6) for letter in "good film"),
    "zero width": among_words(ZERO_WIDTH),
    "right to left": among_words(RIGHT_TO_LEFT),
    "emoji": among_words(EMOJI),
    "folded": among_words(FOLDED),
    "markup": among_words(MARKUP),
    "punctuation": lambda rng: draw(rng, ".,;:-_–—…()[]\"'’*/\\|~^`@#$%&+=<>"),
    "marks that are tokens": lambda rng: draw(rng, "!?!?.,¿¡‽⁇！？"),
    "apostrophes": lambda rng: draw(rng, "a'’‘ʼ‛s "),
    "very long words": lambda rng: draw(rng, "aé字٣", 3) + rng.choice("ab1字") * 20_000,
}

WITHOUT_A_WORD = {"empty", "nothing", "surrogates", "punctuation"}


def check(model, text):
    """Whether the model read the text; how it answered is checked."""
    tokens = tokenize(text)
    if not tokens:
        with pytest.raises(EmptyReviewError, match="no word in this text"):
            trace(model, text)
        return False
    answer, settings = trace(model, text), model.config.text
    review = answer.review
    T = min(settings.start_token + len(tokens), settings.max_length)
    if not settings.skip_padding:
        T = settings.max_length
    assert len(review.window) == len(review.ids) == len(answer.logits) == len(answer.probabilities) == T
    assert {values.shape for values in answer.arrays.values()} == {(T, H)}
    assert all(np.isfinite(values).all() for values in answer.arrays.values())
    assert ((answer.probabilities >= 0) & (answer.probabilities <= 1)).all()
    assert 0 <= answer.probability <= 1
    assert len(review.tokens) == len(review.unknown) == len(tokens)
    assert len(tokens[review.kept]) == sum(number >= UNK_ID for number in review.ids)
    return True


@pytest.mark.parametrize("cell", CELLS)
def test_any_text_gives_an_answer_with_arrays_as_long_as_its_window(cell):
    rng = random.Random(CELLS.index(cell))
    models = [make_model(seed=2, cell=cell, hidden_size=H, **settings) for settings in WINDOWS]
    for model in models:
        model.classifier.head.weight.data *= 100  # fresh weights would make every probability one half
    long = " ".join(rng.choices(("the", "film", "zither", "🎬", "good!"), k=100_000))
    drawn = ((kind, write(rng)) for kind, write in islice(cycle(KINDS.items()), TEXTS // len(CELLS)))
    read = set()
    for kind, text in chain([("empty", ""), ("very long", long)], drawn):
        try:
            if check(rng.choice(models), text):
                read.add(kind)
        except BaseException as error:
            error.add_note(f"{kind}: {text[:200]!a}")
            raise
    assert read == {*KINDS, "very long"} - WITHOUT_A_WORD
