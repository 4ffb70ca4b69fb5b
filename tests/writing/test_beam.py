"""Beam search against all texts there are, and against its definition step by step."""

import pytest

from rnn_core.errors import ConfigError
from rnn_core.inspection.clamps import parse_clamps
from rnn_core.text.vocabulary import END
from rnn_core.writing.beam import beam_search
from rnn_core.writing.text import write
from rnn_core.writing.writer import Writer
from tests.refusals import refusals
from tests.writing.made import close, log2_after, make_model

BEGINNING = ("the", "film", "is")


def searched_slowly(model, width, length):
    """The definition, with texts in place of states."""
    beams, names = {(): 0.0}, [END, *model.vocabulary.words[4:]]
    for _ in range(length):
        longer = {}
        for symbols, score in beams.items():
            if symbols[-1:] == (END,):
                longer[symbols] = score
            else:
                log2 = log2_after(model, [*BEGINNING, *symbols])
                longer |= {(*symbols, name): score + log2[column] for column, name in enumerate(names)}
        beams = dict(sorted(longer.items(), key=lambda one: -one[1])[:width])
    return beams


@pytest.mark.parametrize("settings", [{}, {"cell": "lstm", "layers": 2}, {"bigrams": 4}], ids=str)
def test_wide_beams_find_the_best_of_all_texts(settings):
    model = make_model(symbols=("the", "film"), **settings)
    every = searched_slowly(model, 1_000, 3)
    assert len(every) == 1 + 2 + 4 * 3
    found = beam_search(Writer(model, BEGINNING), 10, 3)[:5]  # of at most 12 beginnings
    assert [beam.symbols for beam in found] == [*every][:5]
    close([beam.log2 for beam in found], [*every.values()][:5])


@pytest.mark.parametrize("width", [1, 2, 3, 10])
@pytest.mark.parametrize("seed", [1, 2])
def test_beams_are_those_of_the_definition(width, seed):
    model = make_model(seed=seed, sharp=1.0)
    model.classifier.head.bias.data[0] += 3.5  # some texts end
    found, slowly = beam_search(Writer(model, BEGINNING), width, 6), searched_slowly(model, width, 6)
    assert [beam.symbols for beam in found] == list(slowly)
    close([beam.log2 for beam in found], list(slowly.values()))


def test_the_written_text_has_the_bits_of_the_beam():
    model, clamps = make_model(seed=3), parse_clamps("h=0.9@4:#1 z=0@70")
    model.classifier.head.bias.data[0] += 6
    writer = Writer(model, "film", clamps=clamps)
    [best, *_] = beam_search(writer, 5, 30)
    assert writer.symbols == ["film"]
    written = write(model, "film", length=30, beam=5, clamps=clamps)
    assert write(model, "film", beam=1).tokens == write(model, "film", temperature=0).tokens
    assert written.tokens == best.symbols
    assert (written.is_ended, best.symbols[-1]) == (True, END)
    assert -sum(written.bits) == pytest.approx(best.log2, abs=1e-5)


test_beams_of_no_width_are_refused = refusals(
    ConfigError,
    {
        "none": (lambda: beam_search(Writer(make_model()), 0, 3), "between 1 and 10, got 0"),
        "no number": (lambda: beam_search(Writer(make_model()), 2.0, 3), "a whole number, got 2.0"),
        "too many": (lambda: beam_search(Writer(make_model()), 11, 3), "between 1 and 10, got 11"),
    },
)
