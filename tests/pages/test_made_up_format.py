"""A format is registered, and pages and commands offer it."""

import pytest
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.config.presets import PRESETS
from rnn_core.export.format import Format
from rnn_core.export.formats import TRACE_FORMATS, TableFormat
from rnn_core.models.model import Model
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import RUN_FORMATS
from rnn_core.runs.worker import run_in_foreground
from tests.export.made import NAMES, registered
from tests.pages.elements import click

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def made_up():
    """A trace as the number of its time steps, and a run as its id."""

    def count(table):
        return f"{table.num_rows} time steps".encode()

    def name(store, run_id):
        return store.runs.get(run_id).id.encode()

    TRACE_FORMATS.register(
        "count", TableFormat(label="How many", suffix=".count", mime="text/plain", content=count)
    )
    RUN_FORMATS.register("id", Format(label="its id", suffix=".id", mime="text/plain", content=name))
    yield
    TRACE_FORMATS.remove("count")
    RUN_FORMATS.remove("id")


def test_a_made_up_format_of_a_model_is_offered_by_the_page_and_written_by_the_command_and_a_notebook(
    open_app, make_model, settle, tmp_path
):
    make_model("made")
    with registered(names=NAMES):
        page = open_app("read", {"model": "made"}, review_text="the film is great", read_panel="Export")
        assert page.get_by_key("export_model_format").options[-1] == "Names"
        page.get_by_key("export_model_format").set_value("names").run()
        click(page, "export_model_make")
        settle(page)
        offered = [button.proto.label for button in page.get("download_button")]
        assert "Download gatescope-made.names, 5 bytes" in [label.replace("\\", "") for label in offered]
        assert NAMES.help in CliRunner().invoke(main, ["export", "--help"], terminal_width=500).output
        for name, write in (
            ("a", lambda out: CliRunner().invoke(main, ["export", "made", "--out", str(out)])),
            ("b", Model.load("made").export),
        ):
            write(tmp_path / f"{name}.names")
            assert (tmp_path / f"{name}.names").read_text() == "made\n"


def test_a_made_up_format_of_a_trace_is_offered_by_the_page_and_written_by_the_command(
    open_app, make_model, tmp_path
):
    make_model("made")
    page = open_app("read", {"model": "made"}, review_text="the film is great", read_panel="Export", token=2)
    offered = [button.proto.label for button in page.get("download_button")]
    assert offered[-4:] == ["Parquet", "JSON", "CSV, without the units", "How many"]
    out = tmp_path / "a.count"
    done = CliRunner().invoke(main, ["trace", "made", "the film is great", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert out.read_text() == "5 time steps"


def test_a_made_up_format_of_a_run_is_offered_by_the_page_and_written_by_the_command(
    open_app, with_corpus, tmp_path
):
    store = Store()
    config = PRESETS["demonstration"].config.with_settings(reviews=64, epochs=1, hidden_size=2)
    run = store.create(config, foreground=True)
    list(run_in_foreground(store, run.id, print))
    page = open_app("train", {"run": run.id})
    offered = [button.proto.label for button in page.get("download_button")]
    assert {"Export as zip", "Export as its id"} <= set(offered)
    out = tmp_path / "a.id"
    words = ["runs", "export", run.id, "--out", str(out)]
    assert CliRunner().invoke(main, [*words, "--to", "id"]).exit_code == 0
    assert out.read_text() == run.id
    refused = CliRunner().invoke(main, [*words, "--to", "html"])
    assert refused.exit_code == 2
    assert "There is no format of a run called 'html'. Choose one of: zip, id." in refused.stderr
