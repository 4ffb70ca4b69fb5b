"""A cell that a file defines: every page, panel and command has it, as it is now or was before."""

import json

import pytest

from rnn_core.cell_files.versions import keep
from rnn_core.config.run import RunConfig
from rnn_core.files import to_json
from rnn_core.models.folder import HISTORY, save_model
from rnn_core.own_cells import here
from rnn_core.own_cells.beginnings import BEGINNINGS
from rnn_core.paths import pretrained_folder
from rnn_core.training.trainer import Trainer
from tests.cell_files.sources import PLAIN, write
from tests.pages.everywhere import call_all, open_all

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
        folder = pretrained_folder() / "mine"
        save_model(folder, config, trainer.vocabulary, trainer.weights())
    (folder / HISTORY).write_text(to_json([record.to_dict() for record in records]))


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
