"""What a card says of a model's limits, as text without marks."""

import pytest

from rnn_core.errors import ModelFolderError
from rnn_core.export.card_text import plain, said_on_card
from rnn_core.models.folder import CARD
from rnn_core.paths import pretrained_folder

CARDS = sorted(pretrained_folder().glob(f"*/{CARD}"))


def card(folder, text):
    (folder / CARD).write_bytes(text if isinstance(text, bytes) else text.encode())
    return said_on_card(folder)


def test_both_sections_are_read_the_limits_first_and_no_other_one(tmp_path):
    text = "# a\n\nIntro.\n\n## Where these scores hold\n\nOn\nthese.\n\nAnd those.\n\n"
    text += "## Why this recipe\n\nWhy.\n\n## What it is not good at\n\n*Irony*.\n"
    assert card(tmp_path, text) == ["Irony.", "On these.", "And those."]


def test_a_table_and_code_are_left_out(tmp_path):
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    said = card(tmp_path, f"## What it is not good at\n\n{table}\n\n    python\n\n```\nx\n```\n\nIrony.\n")
    assert said == ["Irony."]


def test_a_model_without_a_card_or_a_card_without_these_sections_has_none(tmp_path):
    assert said_on_card(tmp_path) == []
    assert card(tmp_path, "# a\n") == []


def test_markup_stays_text(tmp_path):
    said = card(
        tmp_path, "## What it is not good at\n\n<b onclick=x>No</b> </script> \\*a\\* [a](http://b)\n"
    )
    assert said == ["<b onclick=x>No</b> </script> *a* a"]


def test_bytes_that_are_no_text_are_replaced(tmp_path):
    assert card(tmp_path, b"## What it is not good at\n\n\xff irony\n") == ["\N{REPLACEMENT CHARACTER} irony"]


def test_a_card_that_is_too_long_is_refused(tmp_path):
    with pytest.raises(ModelFolderError, match=r"README\.md: it must have at most 200,000 bytes"):
        card(tmp_path, "x" * 200_001)


def test_commands_give_way_to_what_they_ask():
    assert (
        plain('`python -m rnn_core predict gru "Not a good film."` is 53 %') == '"Not a good film." is 53 %'
    )
    assert plain("right on 88 % (`python -m rnn_core evaluate gru --without-copies`).") == "right on 88 %."


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_every_pretrained_network_says_what_it_is_not_good_at(path):
    said = said_on_card(path.parent)
    assert len(said) >= 2
    assert not any("python -m" in paragraph or "`" in paragraph for paragraph in said)
