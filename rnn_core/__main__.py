"""`python -m rnn_core`: the same work without a browser."""

from rnn_core.cli import main

if __name__ == "__main__":
    main(prog_name="python -m rnn_core")
