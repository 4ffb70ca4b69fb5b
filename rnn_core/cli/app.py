"""`app`: the app in a browser, from a checkout."""

import os
import subprocess
import sys

import click

from rnn_core.cli.errors import in_words, need_checkout


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[STREAMLIT_OPTION]...")
@in_words
def app(options: tuple[str, ...]) -> None:
    """Open the app in the browser, until Ctrl-C. STREAMLIT_OPTIONs are its own, such as --server.port=8600.

    The app is part of a checkout of the project, not of the installed package.
    """
    project = need_checkout("The app")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    click.echo("Gatescope opens in the browser, at the address below; end it with Ctrl-C.", err=True)
    if sys.platform == "win32":
        sys.exit(subprocess.call(command, cwd=project))
    else:
        os.chdir(project)  # where Streamlit finds its settings, those that keep strangers out among them
        os.execv(sys.executable, command)  # in our place, so that a signal reaches the server itself
