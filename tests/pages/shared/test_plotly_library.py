"""plotly.js comes as a file of the server, not with what Streamlit sends at each run of a page."""

from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from pages.components.shared.plotly_library import plotly_route


def page_with_charts() -> None:
    from pages.components.shared.live_chart import load_charts

    load_charts()


def test_a_run_of_a_page_sends_where_plotly_is_and_none_of_it() -> None:
    app = AppTest.from_function(page_with_charts).run()
    [part] = app.get("bidi_component")
    assert part.proto.ByteSize() < 1_000
    assert plotly_route().path in part.proto.json


def test_the_file_is_plotly_and_what_draws_with_it_and_a_browser_keeps_it() -> None:
    answer = plotly_route().endpoint(Request({"type": "http"}))
    text = answer.body.decode()
    assert text.index("* plotly.js v") < text.index("window.GatescopeCharts = {")
    assert "immutable" in answer.headers["Cache-Control"]


def test_another_text_has_another_address(monkeypatch) -> None:
    def address() -> str:
        [part] = AppTest.from_function(page_with_charts).run().get("bidi_component")
        return part.proto.json

    before = address()
    assert address() == before
    monkeypatch.setattr("pages.components.shared.plotly_library._text", lambda: b"of another release")
    assert address() != before
