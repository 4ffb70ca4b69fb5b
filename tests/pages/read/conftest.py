"""The Read page with a small untrained network, a text, and one of the questions asked."""

import pytest

TEXT = "The film is great, but the film is dull. Is the film great?"  # "but" at time step 5


@pytest.fixture
def open_read(open_app, make_model):
    """A function that opens the page with a network, "model", at a token, with one of the questions asked."""

    def open_page(panel="At this token", token=2, cell="gru", query=(), text=TEXT, view=None, **settings):
        make_model("model", cell=cell, **settings)
        state = {"review_text": text, "read_panel": panel, "token": token}
        return open_app(
            "read", {"model": "model", **dict(query)}, **state | ({"read_view": view} if view else {})
        )

    return open_page
