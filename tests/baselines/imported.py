"""What the command line has imported before it counts any words: nothing here imports scikit-learn."""

import sys

import rnn_core.cli  # noqa: F401


def end_with_one_where_scikit_learn_was_imported():
    """The exit status of a process."""
    sys.exit(bool({"sklearn", "scipy"} & sys.modules.keys()))
