"""A cell that a file defines: every page, panel and command has it, as it is now or was before."""

import json
import subprocess

import pytest

from rnn_core.cell_files import declared, folder
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.versions import keep
from rnn_core.config.run import RunConfig
from rnn_core.files import to_json
from rnn_core.models.folder import HISTORY, save_model
from rnn_core.own_cells import here
from rnn_core.own_cells.beginnings import BEGINNINGS
from rnn_core.paths import own_cells_folder, pretrained_folder
from rnn_core.training.trainer import Trainer
from tests.cell_files.sources import PLAIN, write
from tests.pages.elements import texts
from tests.pages.everywhere import TEXT, call_all, open_all

pytestmark = pytest.mark.slow


def train(version, corpus, monkeypatch):
    """A network called "mine" that has learned for a moment, in this process, as in a worker."""
    config = RunConfig(data="verdict").with_settings(
        cell=version, hidden_size=5, embedding_size=3, epochs=2, batch_size=16, max_length=12, vocab_size=50
    )
    with monkeypatch.context() as patch:
        patch.setattr(here, "_runs", True)
        trainer = Trainer(config, corpus)
        records = list(trainer)
        made = pretrained_folder() / "mine"
        save_model(made, config, trainer.vocabulary, trainer.weights())
    (made / HISTORY).write_text(to_json([record.to_dict() for record in records]))


@pytest.mark.parametrize(("beginning", "has_changed"), [("gru", False), ("lstm", True)])
def test_every_page_panel_and_command_has_it(
    open_app, tiny_corpus, with_own_corpus, make_model, monkeypatch, tmp_path, beginning, has_changed
):
    make_model("other")
    file = write("leaky", BEGINNINGS[beginning])
    train(keep(file), tiny_corpus, monkeypatch)
    if has_changed:
        write("leaky", PLAIN)
    now = RunConfig(data="verdict").with_settings(cell="leaky").model.cell
    assert (now == file.version) != has_changed
    cells, _ = open_all(open_app, "mine", "cell", now, variant=file.version)
    assert cells.get_by_key("cells_variant").value == file.version
    assert any("def forward(self, x, " in code.value for code in cells.code)
    monkeypatch.chdir(tmp_path)
    call_all("mine")
    assert file.version in json.dumps(json.loads((tmp_path / "a.json").read_text())["about"])


@pytest.mark.parametrize("why", ["own cells are off", "it was imported", "it was damaged"])
def test_where_its_code_may_not_run_every_page_opens_says_why_and_starts_nothing(
    open_app, tiny_corpus, with_own_corpus, make_model, monkeypatch, why
):
    make_model("other")
    file = write("leaky", BEGINNINGS["gru"])
    train(keep(file), tiny_corpus, monkeypatch)
    versions = own_cells_folder() / "versions"
    said = "came with an imported run"
    if why == "own cells are off":
        monkeypatch.setenv(SWITCH, "0")
        said = "--own-cells"
    else:
        file.path.unlink()
        (versions / "allowed" / file.digest).unlink()
        monkeypatch.setattr(folder, "_seen", {})  # as in another process
        monkeypatch.setattr(declared, "_declared", {})
    if why == "it was damaged":
        (versions / f"{file.version}.py").write_text("import os")
        said = "is not what it was"
    begun, begin = [], subprocess.Popen.__init__
    monkeypatch.setattr(subprocess.Popen, "__init__", lambda *a, **more: begun.append(a) or begin(*a, **more))
    for page in ("home", "data", "train", "experiments"):
        open_app(page, review_text=TEXT)
    open_app("cells", {"model": "mine", "variant": file.version}, review_text=TEXT)
    read = open_app("read", {"model": "mine"}, review_text=TEXT)
    assert said in (texts(read, "error") + texts(read, "warning")).replace("\\", "")
    assert [words for words in begun if "own_cells" in str(words)] == []
