"""The documents are true in figures, commands, links and paths, and short enough to be read."""

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
from rnn_core.tasks.task import task_of

PROJECT = Path(__file__).parents[1]
PRETRAINED = PROJECT / "artifacts" / "pretrained"
ALL_MODELS = sorted(path.name for path in PRETRAINED.iterdir() if path.is_dir())
MODELS = [name for name in ALL_MODELS if not name.startswith("tiny-")]
"""The networks of reviews; `docs/languages.md` has those of languages (tests/models/test_pretrained.py)."""
_SAID = re.compile(r'"([^"]+)"`?(?: answers| is)? ([\d.]+) %')


DOCUMENTS = {
    path: path.read_text(encoding="utf-8")
    for path in (
        *PROJECT.glob("*.md"),
        *(PROJECT / "docs").rglob("*.md"),
        *PRETRAINED.glob("*/README.md"),
        PROJECT / "docs" / "index.html",
    )
}
README, ARCHITECTURE = DOCUMENTS[PROJECT / "README.md"], DOCUMENTS[PROJECT / "ARCHITECTURE.md"]
_PATH = re.compile(
    r"(?<![\w/.-])(?:(?:rnn_core|pages|tests|docs|benchmarks|artifacts)/[\w/.-]*\w|requirements[\w-]*\.txt)"
)
_CODE = re.compile(r"```.*?```|`[^`]+`|^ {4}.*$", re.DOTALL | re.MULTILINE)


def card(name):
    return DOCUMENTS[PRETRAINED / name / "README.md"]


def config_of(name):
    return RunConfig.from_json((PRETRAINED / name / "config.json").read_text())


@pytest.mark.parametrize("name", MODELS)
def test_the_table_of_models_has_the_scores_kept(name):
    [line] = [line for line in README.splitlines() if line.startswith(f"| `{name}` |")]
    _, what, test = (cell.strip() for cell in line.strip("|").split("|"))
    config = config_of(name)
    assert what.endswith(f"README.md): {recipe_in_words(config)}")
    scores = json.loads((PRETRAINED / name / "scores.json").read_text())
    score = task_of(config).score
    assert test.startswith(f"**{scores[score.field]:{score.in_full}}**".replace("%", " %"))


@pytest.mark.parametrize("name", ALL_MODELS)
def test_the_command_in_a_card_trains_its_model(name):
    config = config_of(name)
    assert f"    {training_command(config)}\n" in card(name)
    [command] = re.findall(r"^ {4}python -m rnn_core train (.*)$", card(name), flags=re.MULTILINE)
    settings = train.make_context("train", shlex.split(command)).params
    data, _ = settings.pop("data"), [settings.pop(other) for other in ("name", "as_json")]
    assert asked_config(data, settings) == config


@pytest.mark.parametrize("name", [name for name in MODELS if task_of(config_of(name)).gives_verdict])
def test_sentences_on_a_card_get_the_answers_it_says(name):
    model = Model.load(PRETRAINED / name)
    text = card(name)
    said = _SAID.findall(text[text.index("## What it is not good at") :])
    assert len(said) >= 4
    for sentence, share in said:
        assert f"{trace(model, sentence).probability:.1%}" == f"{share}%", sentence


def test_other_models_differ_in_what_names_them():
    dropouts = {"embedding_dropout": 0.2, "head_dropout": 0.3, "word_dropout": 0.05}
    usual = bare_config("imdb", max_length=400, learning_rate=5e-3, **dropouts)
    of_more = {"two-layers": {"layers": 2}, "attention": {"readout": "attention"}, "lstm": {"cell": "lstm"}}
    for name, changes in {"gru": {}, "gru-after": {"reset": "after"}, **of_more}.items():
        assert config_of(name) == usual.with_settings(**changes), name


def test_documents_are_short_enough_to_be_read():
    """Documents that everybody reads, and each decision."""
    assert max(len(text.split()) for text in (README, ARCHITECTURE)) <= 1000
    files = {path.stem: text for path, text in DOCUMENTS.items() if path.parent.name == "decisions"}
    assert sorted(files) == ["exports", "nn", "pages", "runs", "sweeps", "texts", "training"]
    for name, records in files.items():
        for record in re.split(r"^## ", records, flags=re.MULTILINE)[1:]:
            title, _, text = record.partition("\n")
            assert len(text.split()) <= 150, (name, title)


def heading_ids(text):
    """The anchors that GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere():
    for path, text in DOCUMENTS.items():
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
    docs = PROJECT / "docs"
    linked = set(re.findall(r'href="([^"]+)"', DOCUMENTS[docs / "index.html"]))
    assert linked == {path.name for path in docs.glob("*.md")} | {"try/index.html"}


def test_every_path_and_target_of_make_is_there():
    own = ("artifacts/sweeps", "artifacts/runs", "artifacts/cells")  # the user's, not committed
    targets = re.findall(r"^([\w-]+):", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE)
    for path, text in DOCUMENTS.items():
        for named in _PATH.findall(text) if path.name != "CHANGELOG.md" else ():  # which speaks of the past
            assert named.startswith(own) or (PROJECT / named).exists(), (path, named)
        for target in re.findall(r"(?:`|^ {4})make ([\w-]+)", text, flags=re.MULTILINE):
            assert target in targets, (path, target)


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


def test_every_command_exists_with_its_options():
    assert len(list(commands_in(README))) >= 10
    for words in (["unknown"], ["runs", "unknown"], ["predict", "--unknown"]):
        with pytest.raises(AssertionError):
            check_command(main, words)
    check_command(benchmarks, ["app", "--json"])
    for text in DOCUMENTS.values():
        for words in commands_in(text):
            if words[0] != "worker":  # what the app starts is no command for people
                check_command(main, words)


def test_the_map_names_the_rooms_of_the_library():
    names = re.search(r"rnn_core/ .*?(?=\n    benchmarks/)", ARCHITECTURE, flags=re.DOTALL).group()
    named = set(re.findall(r"^ {6}((?:[\w.]+/?(?: |$))+)", names, flags=re.MULTILINE))
    named = {word for line in named for word in line.split()}
    there = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in (PROJECT / "rnn_core").iterdir()
        if not path.name.startswith("__") and (path.is_file() or [*path.glob("*.py")])
    }
    assert named == there


def test_the_order_of_imports_is_the_one_checked():
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [layers] = [one["layers"] for one in contracts if one.get("containers") == ["rnn_core"]]
    assert " > ".join(layer.replace(" | ", ", ") for layer in layers) in " ".join(ARCHITECTURE.split())
