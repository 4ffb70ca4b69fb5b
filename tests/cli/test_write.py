"""`write`: the text of the core, as it is written, and for machines."""

import numpy as np
import pytest

from rnn_core.config.tokens import EXACT_CHARACTERS
from rnn_core.data.sources import load_corpus
from rnn_core.inspection.clamps import Patch
from rnn_core.inspection.trace import trace
from rnn_core.paths import pretrained_folder
from rnn_core.text.vocabulary import END
from rnn_core.writing.learning import LearningReader
from rnn_core.writing.text import write
from tests.cli.calls import done, said, save_speaker
from tests.writing.made import make_model

pytestmark = pytest.mark.usefixtures("here")

HOW = {"length": 30, "temperature": 0.7, "top_k": 3, "top_p": 0.9, "seed": 4}
OPTIONS = "--length 30 --temperature 0.7 --top-k 3 --top-p 0.9 --seed 4"


def test_it_writes_the_text_of_the_core():
    model = save_speaker("brackets")
    expected = write(model, "([])", **HOW)
    answer = said(f"write speaker ([]) {OPTIONS}".replace("([])", "'([])'"))
    assert (answer["text"], answer["beginning"]) == (expected.text, "([])")
    assert (tuple(answer["tokens"]), tuple(answer["bits"])) == (expected.tokens, expected.bits)
    assert answer["bits_per_symbol"] == pytest.approx(sum(expected.bits) / len(expected.bits))
    assert answer["is_ended"] == expected.is_ended
    printed = done(f"write speaker '([])' {OPTIONS}")
    assert printed.stdout == f"{expected.text}\n"
    assert f"{len(expected.tokens)} symbols, {answer['bits_per_symbol']:.2f} bits each" in printed.stderr


def test_a_text_goes_on_behind_an_end():
    model = save_speaker("anbn")
    printed = done("write speaker aab --length 40 --goes-on --seed 2").stdout
    expected = write(model, "aab", length=40, goes_on=True, seed=2)
    assert END in expected.tokens[:-1]
    assert [line for line in printed.split("\n") if line] == expected.text.split("\n")


def test_the_beginning_may_be_left_out_or_piped():
    model = save_speaker("anbn")
    assert said("write speaker --seed 1 --length 9")["tokens"] == [*write(model, seed=1, length=9).tokens]
    assert said("write", "speaker", "-", text="aab")["beginning"] == "aab"
    assert done("write speaker aa --length 0").stdout == "aa\n"
    make_model(symbols=("a", "\n"), rules=EXACT_CHARACTERS).save(pretrained_folder() / "exact")
    assert said("write", "exact", "-", text="a\r\na")["beginning"] == "a\na"


def test_gates_are_held_while_it_writes():
    model = save_speaker("anbn", layers=2, cell="gru")
    held = write(model, "aab", clamps="z=0 h=0.5@20:#1", layer=1, length=40, seed=3)
    answer = said("write speaker aab --clamp z=0 --clamp h=0.5@20:#1 --layer 1 --length 40 --seed 3")
    assert answer["clamps"] == ["z=0", "h=0.5@20:#1"]
    assert answer["bits"] == [*held.bits] != [*write(model, "aab", length=40, seed=3).bits]


def test_the_state_of_another_text_is_put_in():
    model = save_speaker("anbn")
    patch = Patch(source=trace(model, "aaabbb"), token=4, at=9)  # while it writes
    how = {"length": 20, "seed": 3}
    answer = said("write speaker aab --patch 9=4 aaabbb --length 20 --seed 3")
    assert answer["bits"] == [*write(model, "aab", patches=[patch], **how).bits]
    assert answer["bits"] != [*write(model, "aab", **how).bits]


def test_what_learning_gains_is_measured(monkeypatch):
    model = save_speaker("brackets")
    monkeypatch.setitem(LearningReader.__init__.__kwdefaults__, "block", 4)
    asked = "evaluate speaker --learning --split validation --texts 3 --least 9 --rate 0.02 --decay 0.1"
    answer, corpus = said(asked), load_corpus("language-brackets")
    texts = [corpus.text(one["row"]) for one in answer["texts"]]
    assert (len(texts), min(map(len, texts)) >= 9) == (3, True)
    for name, rate in (("fixed", 0), ("learning", 0.02)):
        bits = [LearningReader(model, rate=rate, decay=0.1).read(text, ends=True) for text in texts]
        assert [one[name] for one in answer["texts"]] == pytest.approx([one.mean() for one in bits])
        assert answer[name] == pytest.approx(np.concatenate(bits).mean())
    assert answer["fixed"] != answer["learning"]


def test_beams_write_the_most_probable_text():
    model = save_speaker("anbn")
    assert said("write speaker aab --beam 3 --length 5")["text"] == write(model, "aab", beam=3, length=5).text


def test_symbols_it_never_read_are_named():
    save_speaker("anbn")
    assert "this text also has X" in done("write speaker aXb --length 2").stderr
    make_model(symbols=("a", "\n"), rules=EXACT_CHARACTERS).save(pretrained_folder() / "exact")
    noted = done("write", "exact", "aж\x1ba漢\n", "--length", "1").stderr
    assert r"exact learned from texts without ж \u{1b} 漢, and reads each as <unk>." in noted
    assert "learned from" not in done("write", "exact", "a\na", "--length", "1").stderr


def test_controls_do_not_reach_the_terminal(monkeypatch):
    save_speaker("anbn")
    monkeypatch.setattr("rnn_core.writing.writer.Writer.choose", lambda self, how: "\x1b")
    assert done("write speaker a --length 2").stdout.rstrip() == "a"
    assert said("write speaker a --length 2")["tokens"] == ["\x1b", "\x1b"]
    make_model(symbols=("a", "\n"), rules=EXACT_CHARACTERS).save(pretrained_folder() / "exact")
    assert done("write", "exact", "\t\n\x9b", "--length", "1").stdout == "\t\n\\u{9b}\\u{1b}\n"
