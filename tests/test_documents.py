"""What the documents say is so: figures, commands, links, paths; and they are short enough to be read."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from benchmarks.__main__ import main as benchmarks
from rnn_core.cli import main
from rnn_core.cli.train import asked_config, train
from rnn_core.config.run import RunConfig
from rnn_core.config.words import recipe_in_words
from rnn_core.data.sources import bare_config
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.runs.publish import training_command

PROJECT = Path(__file__).parents[1]
PRETRAINED = PROJECT / "artifacts" / "pretrained"
README = (PROJECT / "README.md").read_text(encoding="utf-8")
ALL_MODELS = sorted(path.name for path in PRETRAINED.iterdir() if path.is_dir())
MODELS = [name for name in ALL_MODELS if not name.startswith("tiny-")]
"""The networks of reviews; `docs/languages.md` has those of languages, see tests/models/test_tiny.py."""
_SAID = re.compile(r'"([^"]+)"`?(?: answers| is)? ([\d.]+) %')


DOCUMENTS = sorted(
    [
        *PROJECT.glob("*.md"),
        *(PROJECT / "docs").rglob("*.md"),
        *PRETRAINED.glob("*/README.md"),
        PROJECT / "docs" / "index.html",
    ],
    key=lambda path: path.relative_to(PROJECT).as_posix(),
)
_PATH = re.compile(
    r"(?<![\w/.-])(?:(?:rnn_core|pages|tests|docs|benchmarks|artifacts)/[\w/.-]*\w|requirements[\w-]*\.txt)"
)
_CODE = re.compile(r"```.*?```|`[^`]+`|^ {4}.*$", re.DOTALL | re.MULTILINE)


def card(name):
    return (PRETRAINED / name / "README.md").read_text(encoding="utf-8")


def row(name):
    """The line of a model in README's table, cell by cell."""
    [line] = [line for line in README.splitlines() if line.startswith(f"| `{name}` |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("name", MODELS)
def test_the_table_of_models_has_the_scores_kept_beside_the_weights(name):
    _, what, test = row(name)
    config = RunConfig.from_json((PRETRAINED / name / "config.json").read_text())
    assert what.endswith(f"README.md): {recipe_in_words(config)}")
    scores = json.loads((PRETRAINED / name / "scores.json").read_text())
    assert test.startswith(f"**{scores['accuracy']:.2%}**".replace("%", " %"))


@pytest.mark.parametrize("name", ALL_MODELS)
def test_the_command_in_a_card_trains_the_model_that_lies_beside_it(name):
    config = RunConfig.from_json((PRETRAINED / name / "config.json").read_text())
    assert f"    {training_command(config)}\n" in card(name)
    [command] = re.findall(r"^ {4}python -m rnn_core train (.*)$", card(name), flags=re.MULTILINE)
    settings = train.make_context("train", shlex.split(command)).params
    data, _ = settings.pop("data"), [settings.pop(other) for other in ("name", "as_json")]
    assert asked_config(data, settings) == config


@pytest.mark.parametrize("name", MODELS)
def test_what_a_card_says_of_single_sentences_is_what_the_model_says(name):
    model = Model.load(PRETRAINED / name)
    text = card(name)
    said = _SAID.findall(text[text.index("## What it is not good at") :])
    assert len(said) >= 4
    for sentence, share in said:
        assert f"{trace(model, sentence).probability:.1%}" == f"{share}%", sentence


def test_the_commands_for_the_other_models_are_named_by_what_differs():
    dropouts = {"embedding_dropout": 0.2, "head_dropout": 0.3, "word_dropout": 0.05}
    usual = bare_config("imdb", max_length=400, learning_rate=5e-3, **dropouts)
    for name, changes in (("gru", {}), ("gru-after", {"reset": "after"}), ("lstm", {"cell": "lstm"})):
        config = RunConfig.from_json((PRETRAINED / name / "config.json").read_text())
        assert config == usual.with_settings(**changes)


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md"])
def test_a_document_that_everybody_reads_has_at_most_1000_words(name):
    assert len((PROJECT / name).read_text(encoding="utf-8").split()) <= 1000


def test_a_decision_has_at_most_150_words():
    files = sorted((PROJECT / "docs" / "decisions").glob("*.md"))
    assert [file.stem for file in files] == ["exports", "nn", "pages", "runs", "sweeps", "texts", "training"]
    for file in files:
        for record in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            title, _, text = record.partition("\n")
            assert len(text.split()) <= 150, (file.name, title)


def heading_ids(text):
    """The anchors that GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere():
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        prose = _CODE.sub("", text)
        targets = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'(?:src|srcset|href)="([^"]+)"', prose)
        for target in targets:
            if "://" in target:
                continue
            file, _, anchor = target.partition("#")
            linked = (path.parent / file).resolve() if file else path
            assert linked.exists(), (path, target)
            assert not anchor or anchor in heading_ids(linked.read_text(encoding="utf-8")), (path, target)


def test_the_start_page_of_the_site_leads_everywhere():
    start = (PROJECT / "docs" / "index.html").read_text(encoding="utf-8")
    documents = {path.name for path in (PROJECT / "docs").glob("*.md")}
    assert set(re.findall(r'href="([^"]+)"', start)) == documents | {"try/index.html"}


def test_every_path_in_the_text_is_there():
    own = ("artifacts/sweeps", "artifacts/runs", "artifacts/cells")  # the user's, not committed
    for path in DOCUMENTS:
        if path.name == "CHANGELOG.md":  # it speaks of the past
            continue
        for named in _PATH.findall(path.read_text(encoding="utf-8")):
            if not named.startswith(own):
                assert (PROJECT / named).exists(), (path, named)


def commands_in(text):
    """The words after `python -m rnn_core` or `gatescope`, of every command in a document."""
    for code in re.findall(r"`[^`\n]+`|^ {4}[^\n]+$", text, flags=re.MULTILINE):
        found = re.search(r"(?:python -m rnn_core|bin/gatescope|^`gatescope) ([^`#]+)", code)
        if found:
            yield shlex.split(found.group(1).replace("...", ""))


def check_command(command, words):
    """Raise AssertionError where a command or an option is unknown."""
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, words[0]
        command, words = command.get_command(None, words[0]), words[1:]
    options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    for word in words:
        assert not word.startswith("--") or word.partition("=")[0] in options, word


def test_every_command_exists_with_its_options_and_a_wrong_one_is_refused():
    assert len(list(commands_in(README))) >= 10
    for words in (["unknown"], ["runs", "unknown"], ["predict", "--unknown"]):
        with pytest.raises(AssertionError):
            check_command(main, words)
    check_command(benchmarks, ["app", "--json"])
    for path in DOCUMENTS:
        for words in commands_in(path.read_text(encoding="utf-8")):
            if words[0] != "worker":  # what the app starts is no command for people
                check_command(main, words)


def test_every_target_of_make_exists():
    targets = re.findall(r"^([\w-]+):", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE)
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"(?:`|^ {4})make ([\w-]+)", text, flags=re.MULTILINE):
            assert target in targets, (path, target)


ARCHITECTURE = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_map_names_every_room_of_the_library_and_no_other():
    names = re.search(r"rnn_core/ .*?(?=\n    benchmarks/)", ARCHITECTURE, flags=re.DOTALL).group()
    named = set(re.findall(r"^ {6}((?:[\w.]+/?(?: |$))+)", names, flags=re.MULTILINE))
    named = {word for line in named for word in line.split()}
    there = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in (PROJECT / "rnn_core").iterdir()
        if not path.name.startswith("__")
    }
    assert named == there


def test_the_order_of_imports_is_the_one_that_is_checked():
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [layers] = [one["layers"] for one in contracts if one.get("containers") == ["rnn_core"]]
    assert " > ".join(layer.replace(" | ", ", ") for layer in layers) in " ".join(ARCHITECTURE.split())
