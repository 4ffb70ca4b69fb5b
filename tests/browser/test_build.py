"""A GRU written by the page Build alone: made, mistaken, hinted at, corrected, trained, watched and held."""

import shutil
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from pages.components.shared.settings import in_address
from rnn_core.cell_files.versions import current
from rnn_core.data.sources import recommended_config
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.mistakes import MISTAKES
from rnn_core.paths import own_cells_folder
from tests.browser.test_main_job import go, see

GRU = EXERCISES["4"]
WRONG = GRU.solution.replace("torch.tanh", "torch.sigmoid")
A_FEW_SECONDS = recommended_config("verdict").with_settings(
    reviews=1000, epochs=1, hidden_size=8, embedding_size=8, max_length=32, threads=1
)


@pytest.fixture
def cells(store):
    """The folder of the user's cells, emptied after the test."""
    yield own_cells_folder()
    shutil.rmtree(own_cells_folder(), ignore_errors=True)


def test_a_gru_is_written_corrected_trained_watched_and_held(page, server, cells):
    file = cells / GRU.file_name
    go(page, f"{server}/build?exercise=4")
    page.get_by_role("button", name=f"Create {GRU.file_name}").click()
    see(page.get_by_text("Saved at"))
    assert file.read_text() == GRU.template

    file.write_text(WRONG)
    mistake = page.locator(".st-key-build_mistake")
    expect(mistake).to_contain_text(MISTAKES["candidate-by-sigmoid"].title)
    expect(mistake).to_contain_text("torch.sigmoid(x @ self.W_n")  # the line that is named
    page.get_by_role("button", name="Give me a hint").click()
    see(page.get_by_text("Hint 1."))

    file.write_text(GRU.solution)
    see(page.get_by_text(f"Task 4, {GRU.title}: passed"))
    see(page.get_by_text("Our solution beside yours"))
    page.get_by_role("link", name="Train with my_gru").click()
    see(
        page.get_by_role("button", name="my_gru", exact=True)
    )  # the cell of the form, in place of "More cells"

    config = A_FEW_SECONDS.with_settings(cell=current("my_gru"))
    go(page, f"{server}/train?{urlencode(in_address(config))}")
    page.get_by_role("button", name="Start training").click()
    see(page.get_by_text("Test accuracy", exact=True))
    page.get_by_role("link", name="Watch this model read").click()
    see(page.get_by_role("radio", name="z update"))
    page.get_by_text("Hold a gate", exact=True).click()
    see(page.get_by_role("button", name="Hold r"))
    page.get_by_role("radio", name="z update").last.click()
    page.get_by_role("button", name="Hold z").click()
    expect(page.locator("[class*=st-key-held_value]")).to_have_count(1)
    see(page.get_by_text("Difference of the verdicts"))
    assert page.get_by_test_id("stException").count() == 0
