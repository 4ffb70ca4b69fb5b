"""The command line. Each command is a thin reading of its options around one call of the core.

Exit codes: 0 done, 1 it could not be done and a sentence on standard error says why, 2 the command
itself was wrong, 3 the training diverged, 130 given up with Ctrl-C.
"""

import click

from rnn_core import __version__
from rnn_core.cli.app import app
from rnn_core.cli.baselines import bars, baselines
from rnn_core.cli.bench import bench
from rnn_core.cli.data import data
from rnn_core.cli.models import evaluate, predict
from rnn_core.cli.probe import probe_
from rnn_core.cli.runs import runs
from rnn_core.cli.sweep import sweep
from rnn_core.cli.trace import trace_
from rnn_core.cli.train import train


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """See what a recurrent network does, word by word; without a browser.

    Every command but app takes --json for machines. Exit code 0: done; 1: it could not be done; 2: the
    command was wrong; 3: the training diverged; 130: given up with Ctrl-C.
    """


for command in (
    app,
    data,
    train,
    evaluate,
    predict,
    probe_,
    trace_,
    runs,
    sweep,
    baselines,
    bars,
    bench,
):
    main.add_command(command)
