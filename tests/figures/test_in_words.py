"""A picture's sentence says what its arrays say."""

import json
from pathlib import Path
from string import Formatter

import numpy as np
import pytest

from rnn_core.export.bundle import PAGE, bundle
from rnn_core.figures import in_words
from rnn_core.figures.in_words import contributions_in_words, padding_in_words, readings_in_words
from rnn_core.figures.sentences import SAID
from rnn_core.inspection.one_step import Cursor, Size
from rnn_core.inspection.verdicts import OneClass, Turn, Verdicts
from rnn_core.symbols import CELLS
from tests.export.page.node import needs_node, node
from tests.figures.examples import tracking

LABELS = ["the", "best", "film"]
BEFORE = Turn(2, "positive", 0.97, before=0.35)
TURNS = Turn(0, "positive", 0.9), Turn(2, "negative", 0.1, before=0.8)
CONTRIBUTIONS, LINEAR = np.array([0.1, -2.5, 1]), np.array([0.2, -1.25, 0.4])


def inside(*probabilities, turns=(), r=None, against="negative"):
    """The sentence on verdicts, with gates around these means over two units."""
    gates = {} if r is None else {"r": r, "z": [0.5, 0.5, 0.45]}
    arrays = {letter: np.array([[m - 0.01, m + 0.01] for m in means]) for letter, means in gates.items()}
    shares = [symbol for symbol in CELLS["gru"].shares if symbol.is_gate] if gates else []
    followed = OneClass("positive", np.array(probabilities))
    verdicts = Verdicts(followed=followed, against=against, others=(), turns=tuple(turns))
    return in_words.inside_in_words(LABELS[: len(probabilities)], verdicts, shares, arrays)


def layers(*by_layer):
    return in_words.layers_in_words(LABELS, "positive", np.array([[0.5, 0.71, 0.6], *by_layer]))


def update(**sizes):
    named = tuple(Size(name, size, called=name.replace("_", " ")) for name, size in sizes.items())
    return in_words.update_in_words(LABELS, Cursor(time=1, sizes=(Size("kept", 3), *named), moved={}))


def tracked(name, unit, layers=1):
    return in_words.tracking_in_words(tracking(), name, unit, layers)


AS_HELD = "as it is", "held"
EXPECTED = {
    "The verdict turns to positive at “film” (probability of positive: 35% to 97%); the reset gate moves "
    "most there, 0.21 to 0.37.": inside(0.4, 0.35, 0.97, turns=[BEFORE], r=[0.1, 0.21, 0.37]),
    "The verdict turns to negative at “film” (probability of positive: 80% to 10%).":
        inside(0.9, 0.8, 0.1, turns=TURNS),
    "The verdict turns to positive at “the” (probability of positive: 90%).":
        inside(0.9, 0.8, 0.9, turns=TURNS[:1], r=[0, 0, 0]),
    "The verdict moves most at “best” (probability of positive: 50% to 42%).": inside(0.5, 0.42, 0.45),
    "The verdict turns to \u2068\u05d2\u2069 at “film” (probability of \u2068\u05d2\u2069: 40% to 70%).":
        inside(0.4, 0.3, 0.1, turns=[Turn(2, "\u05d2", 0.7, before=0.4)], against=None),
    "Layer 2 changes the verdict most at “best”, from 71% by layer 1 to 12% positive.":
        layers([0.5, 0.12, 0.3]),
    "Layer 3 changes the verdict most at “film”, from 30% by layer 2 to 95% positive.":
        layers([0.5, 0.12, 0.3], [0.5, 0.12, 0.95]),
    "Layer 2 never changes the verdict by 5% or more in this text.": layers([0.51, 0.7, 0.64]),
    "“best” contributes most to the logit: -2.50 by occlusion, -1.25 by input times gradient.":
        contributions_in_words(LABELS, CONTRIBUTIONS, LINEAR),
    "By occlusion “best” contributes most to the logit (-2.50), by input times gradient “film” (+1.80).":
        contributions_in_words(LABELS, CONTRIBUTIONS, LINEAR[::-1] * [1, 1, 9]),
    "At “best” what is written is larger than what is dropped, 1.30 against 0.80 (norms).":
        update(what_is_written=1.3, what_is_dropped=0.8),
    "At “best” the memory is larger than what is read, 2.00 against 0.50 (norms).":
        update(what_is_read=0.5, the_memory=2),
    "The verdict is 25.0% positive as it is, and 75.0% held.":
        readings_in_words(AS_HELD, "positive", ([0.1, 0.25], [0.5, 0.75])),
    "The plane holds 75% of the variance of the states and 90% of the direction that the head reads along.":
        in_words.plane_in_words(np.array([0.5, 0.25, 0.25]), 0.9),
    "Padding that is read at the end takes the verdict from 90.0% to 50.0% positive.":
        padding_in_words(0.2, 0.9, 0.5, "positive"),
    "Unit 7 of h predicts the label best: its area under the ROC curve is 0.93.":
        in_words.units_in_words("h", np.array([7, 2]), np.array([0.93, 0.6]), "the label"),
    "Unit 3 of h in layer 1 keeps track of “count” with R² 1.000. A guess from the last three symbols alone "
    "has only R² 0.250.": tracked("count", 3, layers=2),
    "Unit 1 of h keeps track of “parity” with 100% balanced accuracy. A guess from the last three symbols "
    "alone has only 50.0% balanced accuracy.": tracked("parity", 1),
}  # fmt: skip
NOTHING = (
    inside(0.5),  # one token
    inside(0.5, np.nan, np.nan),
    layers([0.1, np.nan, 0.3]),
    contributions_in_words(LABELS, np.zeros(3), LINEAR),
    readings_in_words(AS_HELD, "positive", ([0.1, 0.25], [0.5, np.nan])),
)


@pytest.mark.parametrize(("said", "sentence"), EXPECTED.items())
def test_a_picture_is_said_by_its_numbers(said, sentence):
    assert sentence == said


def test_of_what_are_no_numbers_nothing_is_said():
    assert {*NOTHING} == {""}


def test_a_unit_is_held_against_the_last_three_symbols():
    assert "from the last three symbols alone is as good or better" in tracked("count", 5)
    assert "nothing to tell apart" in tracked("one", 0)
    assert padding_in_words(0.0, 0.9, 0.5, "positive").startswith("This text fills the whole window")


def test_nearly_exact_is_not_exact():
    count, parity, _ = tracking().tracked.values()
    said = [in_words.score_in_short(count, score) for score in (1.0, 0.99996, 0.5, -0.25)]
    assert said == ["1.000", "> 0.999", "0.500", "−0.250"]
    said = [in_words.score_in_short(parity, score) for score in (1.0, 0.99996, 0.5)]
    assert said == ["100%", "> 99.9%", "50.0%"]
    assert in_words.score_in_words(parity, 0.75) == "75.0% balanced accuracy"


@needs_node
def test_python_and_the_page_fill_each_sentence_alike():
    """The page gets the same text, as does a sentence that was made up just now."""
    sentences = [
        one
        for said in SAID.values()
        for one in (said.values() if isinstance(said, dict) else [said])
        if isinstance(one, str)
    ]
    sentences.append("{made} up, and {made} again: 50 %")
    places = {name: f"<{name}>" for one in sentences for _, name, *_ in Formatter().parse(one) if name}
    filling = (
        'import { SAID } from "./said.js"\nimport { fill } from "./view/words.js"\n'
        f"const [places, more] = {json.dumps([places, sentences[-1]])}\n"
        "const all = [...Object.values(SAID), more]\n"
        'const texts = all.flatMap((said) => (typeof said === "string" ? [said] : Object.values(said)))\n'
        'const all_texts = texts.filter((text) => typeof text === "string")\n'
        "console.log(JSON.stringify(all_texts.map((text) => fill(text, places))))"
    )
    filled = json.loads(node("-", given=bundle("filling.js", {"filling.js": filling})))
    assert filled == [one.format(**places) for one in sentences]
    assert len({*filled}) > 40


def test_each_sentence_is_said_by_python_or_the_page():
    project = Path(in_words.__file__).parents[2]
    sources = [*(project / "rnn_core").rglob("*.py"), *(project / "pages").rglob("*.py"), *PAGE.rglob("*.js")]
    there = " ".join(path.read_text("utf-8") for path in sources)
    assert not [name for name in SAID if f'"{name}"' not in there and f"SAID.{name}" not in there]
