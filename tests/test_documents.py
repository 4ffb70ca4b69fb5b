"""README and model cards: their figures are those of the files beside them, and of the models themselves."""

import json
import re
from pathlib import Path

import pytest

from rnn_core.config.run import RunConfig, default_config
from rnn_core.inspection.trace import trace
from rnn_core.models.folder import load_model
from rnn_core.runs.publish import training_command

PROJECT = Path(__file__).parents[1]
PRETRAINED = PROJECT / "artifacts" / "pretrained"
README = (PROJECT / "README.md").read_text(encoding="utf-8")
MODELS = sorted(path.name for path in PRETRAINED.iterdir() if path.is_dir())
_SAID = re.compile(r'"([^"]+)"`?(?: answers| is)? ([\d.]+) %')


def card(name):
    return (PRETRAINED / name / "README.md").read_text(encoding="utf-8")


def row(name):
    """The line of a model in README's table, cell by cell."""
    [line] = [line for line in README.splitlines() if line.startswith(f"| `{name}` |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("name", MODELS)
def test_the_table_of_models_has_the_scores_kept_beside_the_weights(name):
    _, test, validation, seconds, _ = row(name)
    scores = json.loads((PRETRAINED / name / "scores.json").read_text())
    history = json.loads((PRETRAINED / name / "history.json").read_text())
    best = max(record["accuracy"] for record in history if record["kind"] == "validation")
    assert test.startswith(f"**{scores['accuracy']:.2%}**".replace("%", " %"))
    assert validation == f"{best:.2%}".replace("%", " %")
    assert seconds.split(",")[0] == f"{history[-1]['seconds']:.0f}"


@pytest.mark.parametrize("name", MODELS)
def test_the_command_in_a_card_trains_the_model_that_lies_beside_it(name):
    config = RunConfig.from_json((PRETRAINED / name / "config.json").read_text())
    assert f"    {training_command(config)}\n" in card(name)


@pytest.mark.parametrize("name", MODELS)
def test_what_a_card_says_of_single_sentences_is_what_the_model_says(name):
    model = load_model(PRETRAINED / name)
    text = card(name)
    said = _SAID.findall(text[text.index("## What it is not good at") :])
    assert len(said) >= 4
    for sentence, share in said:
        assert f"{trace(model, sentence).probability:.1%}" == f"{share}%", sentence


def test_the_commands_for_the_other_models_are_named_by_what_differs():
    for name, changes in (("gru", {}), ("gru-after", {"reset": "after"}), ("lstm", {"cell": "lstm"})):
        config = RunConfig.from_json((PRETRAINED / name / "config.json").read_text())
        usual = default_config("imdb").with_settings(
            max_length=400,
            embedding_dropout=0.2,
            head_dropout=0.3,
            word_dropout=0.05,
            learning_rate=5e-3,
            **changes,
        )
        assert config == usual
