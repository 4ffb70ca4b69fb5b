"""`app`: the app in a browser."""

import os
import runpy
import sys
from importlib import import_module

import click

from rnn_core.cell_files import switch
from rnn_core.cli import loading
from rnn_core.cli.errors import errors_in_words, need_checkout
from rnn_core.paths import app_folder, child_environment


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--own-cells", is_flag=True, help="Let cells of your own run, even where other machines can open the app."
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[STREAMLIT_OPTION]...")
@errors_in_words
def app(own_cells: bool, options: tuple[str, ...]) -> None:
    """Open the app in the browser, until Ctrl-C.

    STREAMLIT_OPTIONs are those of Streamlit, such as --server.port=8600.
    """
    folder = app_folder() or need_checkout("The app")
    if own_cells:
        switch.turn_on()
    click.echo("Gatescope opens in the browser, at the address below; end it with Ctrl-C.", err=True)
    os.environ |= child_environment()  # what was said from where we are holds there, too
    os.chdir(folder)  # where Streamlit finds its settings, those that keep strangers out among them
    with loading():
        import_module("streamlit.web.cli")
    sys.argv[1:] = ["run", "app.py", *options]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
