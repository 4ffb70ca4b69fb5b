import gc
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "app.py"


@pytest.mark.parametrize(("page", "title"), [("read", "Watch it read"), ("home", "See what")])
def test_a_first_request_straight_to_a_page_ends_there_by_way_of_app(
    make_model, page: str, title: str
) -> None:
    make_model("a-gru", cell="gru")
    make_model("b-lstm", cell="lstm")
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.query_params["model"] = "b-lstm"
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert app.title[0].value.startswith(title)
    if page == "read":
        assert app.selectbox[0].value == "b-lstm"
    assert "guard_came_for" not in app.session_state


def test_what_a_page_imports_is_left_out_of_the_collections_to_come(make_model) -> None:
    make_model("a-gru", cell="gru")
    gc.unfreeze()
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.switch_page("pages/read.py").run()
    assert not app.exception
    assert gc.get_freeze_count() > 100_000
    assert len(gc.get_objects()) < gc.get_freeze_count()
