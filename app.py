"""Gatescope: see what a recurrent network does, word by word."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.components.shared.address import keep_history
from pages.components.shared.first_route import show_task
from pages.components.shared.glossary import show_glossary
from pages.components.shared.guard import refuse_strangers
from pages.components.shared.plotly_library import plotly_route
from pages.components.shared.server import Door, lifespan

# A picture of its own: an icon by name would be fetched from the internet.
ICON = Path(__file__).parent / "pages" / "icon.svg"


def main() -> None:
    """Draw the page that the browser asks for."""
    st.set_page_config(page_title="Gatescope", page_icon=str(ICON), layout="wide")
    refuse_strangers()
    pages = [
        st.Page(
            "pages/home.py",
            title="Home",
            icon=":material/home:",
            default=True,
            help="What Gatescope is, and a network that answers while you type.",
        ),
        st.Page(
            "pages/data.py",
            title="Data",
            icon=":material/library_books:",
            help="The reviews, and how vocabulary, maximum length and padding change them.",
        ),
        st.Page(
            "pages/train.py",
            title="Train",
            icon=":material/model_training:",
            help="Pick a network, train it on reviews and watch its curves grow.",
        ),
        st.Page(
            "pages/read.py",
            title="Read",
            icon=":material/menu_book:",
            help="Type a review and see inside the network at every word.",
        ),
        st.Page(
            "pages/experiments.py",
            title="Experiments",
            icon=":material/science:",
            help="Many runs that differ in one setting, and what difference it makes.",
        ),
        st.Page(
            "pages/cells.py",
            title="Cells",
            icon=":material/function:",
            help="One time step of a cell in numbers, its code, and how fast it is here.",
        ),
    ]
    page = st.navigation(pages, position="top")
    keep_history(page.url_path, [other.url_path for other in pages])
    show_glossary()
    show_task()
    page.run()


# Streamlit runs this file as "__main__" for every page; its server imports it once, for what is around them.
if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=[plotly_route()], middleware=[Middleware(Door)], lifespan=lifespan)
