"""A kind of corpora outside of the catalogue: its class is all that pages and commands need to show it.

`test_made_up.py` opens every page, panel and command with it; here is what only a corpus has.
"""

import random
import sys
from functools import partial
from types import SimpleNamespace
from typing import ClassVar

import pytest

from rnn_core.config.corpora import corpus_named, kinds, offered_names, shipped_lines
from rnn_core.config.identity import Identity
from rnn_core.config.nouns import Nouns
from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.prepared import PreparedCorpus
from rnn_core.data.sources import bare_config, recommended_config
from rnn_core.errors import ConfigError
from rnn_core.registry import HOMES
from tests.cli.calls import call, done, said
from tests.pages.everywhere import MadeUp, registered

NAME = "strings-ab"
SIZES = {"training": 60, "validation": 20, "test": 20}


class Strings(PreparedCorpus):
    """Strings of a and b, of even or of odd length."""

    kind = NAME
    offer = "strings of a and b"
    nouns = Nouns("string", "strings")
    identity = Identity(("even", "odd"), TokenRules(unit="characters"))
    bare: ClassVar = {"vocab_size": 5, "max_length": 12, "hidden_size": 3, "epochs": 1}
    recommended: ClassVar = bare
    refuses: ClassVar = {"composed": "strings have no opinion"}
    is_even = True
    is_generated = True

    @classmethod
    def claims(cls, name):
        return name.casefold() == NAME

    def build(self, path):
        draw = random.Random(0)
        places = [(split, number) for split, size in SIZES.items() for number in range(size)]
        drawn = [Text("".join(draw.choices("ab", k=4 + n % 8)), n % 2, split) for split, n in places]
        return build_corpus(self.name, drawn, self.folder, len(drawn), self.identity)


MEMBERS = {
    "a corpus": MadeUp(
        setting="data",
        name=NAME,
        registered=partial(registered, kinds(), Strings.kind, Strings),
        said={
            "home": f"{NAME}: written for this app",
            "data": "see how vocabulary, maximum length and padding change the strings.",
            "train": "they don't help with these strings",
            "run": "test strings",
            "read": "20 test strings",
            "evaluate": "test strings",
            "runs show": "classes: even, odd",
        },
        more={"vocab_size": 5},
    )
}


@pytest.fixture(autouse=True)
def strings():
    with MEMBERS["a corpus"].registered():
        yield


def test_a_configuration_has_its_classes_and_settings():
    config = recommended_config(NAME)
    assert (config.classes, config.text.vocab_size) == (("even", "odd"), 5)
    assert bare_config(NAME, epochs=2).training.epochs == 2
    assert NAME in offered_names()
    assert corpus_named(NAME).is_shipped


def test_its_home_is_named_by_who_stands_above(monkeypatch):
    monkeypatch.setitem(sys.modules, "strings", SimpleNamespace(KIND=Strings))
    monkeypatch.setitem(HOMES, "kind of corpora", (*HOMES["kind of corpora"], "strings"))
    assert list(kinds.__wrapped__().values()) == list(kinds().values())


def test_a_kind_that_is_not_shipped_has_no_line(monkeypatch):
    monkeypatch.setattr(Strings, "together", classmethod(lambda kind: "Strings"))
    assert "Strings" in dict(shipped_lines())
    monkeypatch.setattr(Strings, "is_shipped", False)
    assert "Strings" not in dict(shipped_lines())


def test_what_makes_no_sense_for_it_is_refused():
    with pytest.raises(ConfigError, match="be 0 for strings-ab, since strings have no opinion"):
        recommended_config(NAME).with_settings(composed=5)
    with pytest.raises(ConfigError, match="classes of strings-ab are even and odd, and its to"):
        RunConfig(data=NAME)


def test_nobody_elses_corpus_may_have_its_name():
    refused = call("data", "add", __file__, "--name", NAME)
    assert "belongs to a corpus that comes with Gatescope" in refused.output


def test_the_commands_prepare_show_and_train():
    assert said("data prepare --data strings-ab")["reviews"] == 100
    assert NAME in done("data status").stdout
    assert said("data show strings-ab")["classes"]["odd"]["test"]["texts"] == 10
    assert "step 1 of 3: reading the strings" in done("train --data strings-ab --epochs 1 --json").stderr
