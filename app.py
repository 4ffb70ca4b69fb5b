"""Gatescope: see what a recurrent network does, word by word."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.components.shared.address import keep_history
from pages.components.shared.assets import show_looks
from pages.components.shared.glossary import show_glossary
from pages.components.shared.guard import refuse_strangers
from pages.components.shared.served import served_route
from pages.components.shared.server import Door, lifespan
from pages.components.shared.streamlit_private import draw_from_the_top
from pages.components.shared.went_wrong import say

# A picture of its own: an icon by name would be fetched from the internet.
ICON = Path(__file__).parent / "pages" / "icon.svg"


# By its file: the icon and the help text. (Streamlit would show a docstring here on every page.)
PAGES = {
    "home": ("home", "What Gatescope is, and a network that answers while you type."),
    "data": ("library_books", "The reviews, and how vocabulary, maximum length and padding change them."),
    "train": ("model_training", "Pick a network, train it on reviews and watch its curves grow."),
    "read": ("menu_book", "Type a review and see inside the network at every word."),
    "write": ("edit_note", "Type a beginning: a network writes on, symbol by symbol."),
    "experiments": ("science", "Many runs that differ in one setting, and what difference it makes."),
    "cells": ("function", "One time step of a cell in numbers, its code, and how fast it is here."),
    "build": ("construction", "Write a cell yourself; each save is checked and its first mistake named."),
}


def main() -> None:
    """Draw the page that the browser asks for."""
    draw_from_the_top()
    st.set_page_config(page_title="Gatescope", page_icon=str(ICON), layout="wide")
    refuse_strangers()
    pages = [
        st.Page(
            f"pages/{name}.py",
            title=name.capitalize(),
            icon=f":material/{icon}:",
            default=name == "home",
            help=help,
        )
        for name, (icon, help) in PAGES.items()
    ]
    page = st.navigation(pages, position="top")
    keep_history(page.url_path, [other.url_path for other in pages])
    show_looks()
    show_glossary()
    page.run()


# Streamlit runs this file as "__main__" for every page; its server imports it once, for what is around them.
if __name__ == "__main__":
    main()
else:
    app = st.App(
        __file__,
        routes=[served_route()],
        middleware=[Middleware(Door)],
        lifespan=lifespan,
        on_script_error=say,
    )
