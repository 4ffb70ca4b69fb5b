"""All commands: their help, and every way to end without what was asked for: a sentence, an exit code."""

import json
import os
import re
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Literal
from unittest.mock import Mock

import click
import pytest

from rnn_core.cell_files.folder import cell_files
from rnn_core.cli import main, output
from rnn_core.cli.command import Answer
from rnn_core.cli.command import command as function_command
from rnn_core.config.corpora import Download, kinds
from rnn_core.config.run import all_settings
from rnn_core.data.own.catalogue import own_names
from rnn_core.data.sources import bare_config, load_corpus, recommended_config
from rnn_core.data.verdict import SPLIT_SIZES
from rnn_core.equations.words import CellText
from rnn_core.errors import DataError
from rnn_core.languages.catalogue import LANGUAGES
from rnn_core.models.model import Model
from rnn_core.paths import artifacts_folder, package_folder
from rnn_core.progress import Progress
from rnn_core.runs.store import Store
from rnn_core.sweeps.results import all_results
from rnn_core.symbols import CELLS, CellDeclaration
from tests.cli.calls import call, done, error_of, said, save_speaker

pytestmark = pytest.mark.slow  # some of them start a process


def commands(group=main, path=()):
    """Each command that is shown, with the words that call it."""
    for name in group.commands:
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        elif not command.hidden:
            yield (*path, name), command


def help_of(name, *words):
    """Return the help of an option of a command."""
    with click.Context(main) as context:
        for word in words:
            context = click.Context(context.command.get_command(context, word), context)
        [option] = [one for one in context.command.params if one.name == name]
        return " ".join(option.get_help_record(context))


def test_a_command_is_one_function(monkeypatch):
    @function_command("greet")
    def greet(
        names: tuple[str, ...],
        *,
        word: Literal["Hello", "Good day"] = "Hello",
        times: Annotated[int, click.IntRange(1)] = 1,
        from_: str,
    ) -> Answer:
        """Greet all NAMES.

        --word: The words that
            come first.
        --times COUNT: How often.
        --from: Whose greeting it is.
        """
        if from_ == "nobody":
            raise DataError("Nobody greets.")
        said = [f"{word} {name}" for name in names] * times
        return Answer({"said": said}, *said, f"from {from_}", code=3)

    monkeypatch.setattr(main, "get_command", lambda _context, _name: greet)
    help = " ".join(done("greet --help").stdout.split())
    assert "Greet all NAMES. Options: --word [Hello|Good day] The words that come first. [default:" in help
    assert "--times COUNT" in help
    greeted = call("greet you me --times 2 --from us")
    assert greeted.stdout == "Hello you\nHello me\nHello you\nHello me\nfrom us\n"
    assert greeted.exit_code == 3
    assert json.loads(call("greet you --from us --json").stdout) == {"said": ["Hello you"]}
    assert error_of(call("greet you --from nobody"), 1) == "Error: Nobody greets."
    assert "Missing option '--from'" in error_of(call("greet you"), 2)


def test_help_names_all_and_all_but_the_app_take_json():
    assert {path[0] for path, _ in commands()} <= set(done("--help").stdout.split())
    for path, command in commands():
        assert done(*path, "--help").stdout.startswith("Usage: ")
        assert path == ("app",) or "as_json" in {parameter.name for parameter in command.params}, path


def test_bytes_that_are_no_text_are_refused_everywhere():
    asked = 0
    for path, command in commands():
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        options = [one for one in command.params if isinstance(one, click.Option)]
        others = ["2" if one.type.name in ("integer", "float") else "x" for one in arguments]
        for bad in (one for one in command.params if one.type.name in ("text", "path", "file")):
            needed = (one.opts[0] for one in options if one.required and one is not bad)
            given = [word for option in needed for word in (option, "x.json")]
            given += [bad.opts[0], "\udcff.json", *others] if bad in options else ["\udcff.json", *others[1:]]
            error = error_of(call(*path, *given), 2)
            refused = ("no UTF-8 text", "does not exist", "There is no file", "name tasks such as")
            assert any(said in error for said in refused), (path, given)
            asked += 1
    assert asked > 20


@pytest.mark.parametrize(("command", "start_from"), [("train", recommended_config), ("sweep", bare_config)])
def test_defaults_in_help_are_those_of_each_corpus(command, start_from):
    for name, declared in all_settings().items():
        [shown] = re.findall(r"\[default: (.*)\]$", help_of(name, command))
        by_kind = {kind: values for *values, kind in re.findall(r"(?:(\S+) to )?(\S+) for ([\w-]+)", shown)}
        for kind, of in kinds().items():
            defaults = {start_from(data).values()[name] for data in of.offered() if of.is_shipped}
            if defaults:
                ends = {declared.parse(value) for value in by_kind.get(kind, [shown]) if value}
                assert ends == {min(defaults), max(defaults)}, (name, kind)


def test_a_cell_that_is_registered_later_is_taken(monkeypatch):
    assert "leaky" not in help_of("cell", "train")
    text = CellText.read("# summary: Leaky forgets slowly\nh' = 0.5 * h + x @ W")
    leaky = CellDeclaration(text.equations, "leaky", text)
    monkeypatch.setattr(CELLS, "_values", {**CELLS, "leaky": leaky})
    for command in ("train", "sweep"):
        assert re.search(r"\|leaky\].*Leaky forgets slowly", help_of("cell", command))
    assert "got 1" in call("train --cell leaky --vocab-size 1").stderr
    assert "'s6', 'leaky'." in error_of(call("train --cell lost"), 2)


class Letters(kinds()["verdict"]):
    """A kind of corpora that is downloaded."""

    kind, offer, title = "letters", "letters for letters", "Letters"
    download = Download(3_000_000, "nobody", "letters.zip", "an archive", lambda: (), lambda _: "letters.zip")

    @classmethod
    def claims(cls, name):
        return name == "letters"


def test_any_corpus_that_is_downloaded_is_offered(monkeypatch, small_verdict):
    monkeypatch.setattr(kinds(), "_values", {"letters": Letters, **kinds()})
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    monkeypatch.setattr(Letters, "prepare", lambda *_, **__: iter(()))
    status = said("data status")
    assert (status["letters"], status["imdb"]) == ("letters.zip", None)
    lines = done("data status").stdout
    assert "Letters archive or folder: letters.zip\n" in lines
    assert "IMDB archive or folder: not on this machine (data download)\n" in lines
    assert "letters (3 MB), imdb (84 MB)" in help_of("data", "data", "download")
    assert "(Letters or IMDB)" in help_of("path", "data", "prepare")
    assert "letters for letters, or" in help_of("data", "train")
    monkeypatch.setattr("rnn_core.cli.data.load_corpus", lambda name: load_corpus("verdict"))
    assert done("data download").stdout.startswith(f"{sum(SPLIT_SIZES.values()):,} reviews")
    assert "'verdict' is not one of 'letters', 'imdb'" in error_of(call("data download --data verdict"), 2)


TRACE = "trace made 'The film was good, but the zither was bad' --out a.json"
ADD = "data add messages.csv --name m"
OWN = "sweep mine --vary cell=gru"
REFUSED = {
    "trian": (2, "train"),
    "train --vocab-size 1": (2, "Vocabulary size must be between 4 and 200,000, got 1"),
    "train --cell transformer": (2, "'transformer' is not one of 'elman', 'ugrnn'"),
    "train --data verdict --teachers made+gone": (2, "There is no model called 'gone'"),
    "train --data language-klingon": (2, ", ".join(f"language-{name}" for name in LANGUAGES)),
    "train --data language-anbn --readout mean": (2, "Readout must be 'last' for predicting the next symbol"),
    "evaluate ../../etc": (1, "There is no model called"),
    "evaluate speaker --sentences": (2, "for networks that give a verdict on a text"),
    "evaluate made --split training --without-copies": (2, "all it learned from are copies"),
    **{f"predict made '{text}'": (2, "no word in this text") for text in ("", "...", "🎬")},
    "predict made hello --file a.csv": (2, "--file reads a table in place of TEXT"),
    "predict made --text a": (2, "--text and --out are for a table"),
    "predict made": (2, "give a TEXT, - for standard input, or a table"),
    "predict speaker aabb": (1, "This needs one that was trained for text classification."),
    "probe speaker": (1, "This needs one that was trained for text classification."),
    "trace made - --out a.json": (2, "Standard input is no UTF-8 text"),
    "trace made film --out a.txt": (2, "must end in .parquet, .json or .csv, got 'a.txt'"),
    "trace made film --out folder.json": (2, "File 'folder.json' is a directory"),
    "trace made film --out pipe.json": (1, "pipe.json: is there, and no file"),
    "trace made film": (2, "Missing option '--out'"),
    f"{TRACE} --layer 2": (2, "made has one layer, got 2."),
    f"{TRACE} --follow joy": (2, "made knows the classes negative, positive, got 'joy'"),
    f"{TRACE} --clamp z": (2, "must be written as LETTER=VALUE"),
    f"{TRACE} --patch 5 bad": (2, "two time steps, such as 5=3"),
    f"{TRACE} --patch 5=0 \udcff": (2, "--patch is no UTF-8 text"),
    "trace speaker '  ' --out a.json": (2, "There is no character in this text that can be seen."),
    "trace speaker aabb --out a.json --follow a": (2, "speaker says what comes next: it has no class"),
    "write made film": (1, "says what a text is, not what comes next"),
    "write nothing a": (1, "There is no model called 'nothing'"),
    "write speaker a --temperature 3": (2, "Temperature must be between 0.0 and 2.0, got 3.0"),
    "write speaker a --clamp q=1": (2, "has no quantity called 'q'"),
    "write speaker a --beam 2 --seed 3": (2, "--seed has no effect with --beam"),
    "write speaker a --patch 2=9 aabb": (2, "There are 5 time steps in the other text"),
    "write speaker a --layer 2": (2, "The layer must be between 1 and 1"),
    "evaluate made --learning": (1, "says what a text is, not what comes next"),
    "evaluate speaker --learning": (1, "has 5,000 symbols or more"),
    "evaluate speaker --rate 1": (2, "--rate has no effect without --learning"),
    "export made --to zip --out a.html": (2, "must end in .zip"),
    "export made --to pdf --out a.zip": (2, "'pdf' is not one of "),
    "export made": (2, "Missing option '--out'"),
    "export --out a.zip": (2, "Missing argument 'MODEL [MODEL2]"),
    "export made made --out a.zip": (1, "at most one network, got 2"),
    "data prepare --path nowhere.tar.gz": (1, "nowhere.tar.gz"),
    "data prepare --data verdict --path x": (2, "--path has no effect on --data verdict"),
    "data add messages.csv": (2, "Missing option '--name'"),
    "data add messages.csv --name ../up": (1, "1 to 50 letters from A to Z"),
    "data add words.csv --name m": (1, "No column of words.csv looks like the one with the classes"),
    f"{ADD} --as text --label a": (2, "--label has no effect on plain text"),
    f"{ADD} --as text --small-classes join": (2, "--small-classes has no effect"),
    f"{ADD} --as text --split half": (1, "split by blocks or file, got 'half'"),
    f"{ADD} --as text --seed -1": (2, "The seed must be between"),
    f"{ADD} --exact --lowercase": (2, "with --exact, which keeps capital"),
    f"{ADD} --exact --accents=strip": (2, "keep a text as it is"),
    f"{ADD} --merge gone=x": (1, "There is no class 'gone' to merge or rename"),
    f"{ADD} --encoding nonsense": (1, "nonsense"),
    "runs show ../x": (1, "is not the id of a run"),
    "runs stop": (2, "Name the runs to stop, or give --all"),
    **{f"runs at-once {n}": (1, f"Between 1 and 16 runs can train at once, got {n}") for n in (0, 17)},
    "runs import messages.csv": (1, "This is no zip file of a run"),
    "runs publish x small --weakness ' '": (2, "--weakness must be a sentence"),
    "runs export 260101-000000-abcd --out folder.json": (2, "folder.json"),
    "sweep": (2, "Name a sweep: one of vocabulary"),
    "sweep mine": (2, "There is no sweep called 'mine'"),
    "sweep --rebuild": (2, "No run of a sweep is in this store"),
    "sweep --rebuild --vary cell=gru": (2, "--vary has no effect beside --rebuild"),
    "sweep vocabulary --vary cell=gru": (2, "vocabulary is one of the questions"),
    "sweep vocabulary --epochs 2": (2, "a sweep has settings of its own"),
    "sweep vocabulary --publish curves --plan": (2, "--plan has no effect beside --publish"),
    "sweep mine --without mingru": (2, "What can be taken out of a minGRU: nothing"),
    "sweep mine --without gru --part f": (2, "What can be taken out of a GRU: without the reset gate r; "),
    "sweep vocabulary --seeds 7": (2, "--seeds has no effect without --vary or --case"),
    "sweep vocabulary --backend dask --address tcp://x:1 --workers 2": (2, "--workers has no effect on a"),
    f"{OWN} --case cell=elman": (2, "not both"),
    f"{OWN} --vary cell=elman": (2, "Name each factor once"),
    f"{OWN} --seed 3": (2, "give --seeds"),
    f"{OWN} --seeds 1,x": (2, "Seeds must be whole numbers"),
    f"{OWN} --device cuda --data language-parity-bits3": (2, "finds no CUDA GPU"),
    f"{OWN} --backend dask": (2, "belong together"),
    f"{OWN} --address tcp://x:1": (2, "belong together"),
    **{f"cells new {name}": (1, "Error: ") for name in ("gru", "../mine", "'my cell'", "class")},
    "cells new mine --from transformer": (2, "'transformer' is not one of"),
    "cells check nothing.py": (2, "There is no file"),
}


def left(folder):
    """All that a command could have left behind."""
    return sorted(folder.iterdir()), Store().runs.all(), own_names(), all_results(), cell_files()


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_is_said_and_leaves_nothing(here, file, words):
    if "speaker" in words:
        save_speaker()
    file.rename("messages.csv")
    Path("words.csv").write_text("just\nwords\n")
    Path("folder.json").mkdir()
    os.mkfifo("pipe.json")
    before = left(here)
    code, sentence = REFUSED[words]
    assert sentence in error_of(call(words, text=b"good \xff\xfe"), code)
    assert left(here) == before


NO_INPUT = "There is no standard input to read: it is closed."
NO_OUTPUT = "There is no standard output to write to: it is closed."


@pytest.mark.parametrize(
    ("stream", "code", "sentence", "words"),
    [
        ("stdin", 2, NO_INPUT, "predict made -"),
        ("stdin", 2, NO_INPUT, "runs import -"),
        ("stdout", 1, NO_OUTPUT, "predict made Good --json"),
    ],
)
def test_a_closed_input_or_output_is_said(here, monkeypatch, capsys, stream, code, sentence, words):
    """A file that a shell closed is None in Python, as the next test shows."""
    monkeypatch.setattr(sys, stream, None)
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert (ended.value.code, sentence in capsys.readouterr().err) == (code, True)


def python(redirection, *words):
    """A whole process of Python, begun by a shell."""
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=package_folder().parent)


@pytest.mark.skipif(sys.platform == "win32", reason="its shell closes no file")
def test_a_shell_closes_files_as_these_tests_take_it():
    shown = python("<&-", "-c", "import sys; print(sys.stdin, ascii(sys.argv[1]))", b"good \xff film")
    assert shown.stdout.strip() == r"None 'good \udcff film'"
    answer = python(">&-", "-m", "rnn_core", "runs", "list", "--json")
    assert (answer.returncode, NO_OUTPUT in answer.stderr, "Traceback" in answer.stderr) == (1, True, False)


@pytest.mark.parametrize(
    ("words", "encoding", "shut", "code"),
    [
        ("--help", "ascii", "stdout", 141),
        ("data prepare --data language-parity-bits3 --json", "utf-8", "stderr", 0),
    ],
    ids=["help in ASCII", "progress"],
)
def test_a_reader_who_leaves_is_no_full_disk(monkeypatch, words, encoding, shut, code):
    """A command ends silently where its reader ends, as `head`; without one of its progress it goes on."""
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    reader, pipe = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "rnn_core", *words.split()]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, shut: pipe}
    done = subprocess.run(command, cwd=package_folder().parent, text=True, check=False, **streams)
    os.close(pipe)
    assert (done.returncode, done.stderr or "") == (code, "")
    assert json.loads(done.stdout)["reviews"] > 0 if code == 0 else not done.stdout


INTERRUPTED_AS_IT_LOADS = """
import os, runpy, signal, sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[0]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
runpy.run_module("rnn_core", run_name="__main__")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind")
@pytest.mark.parametrize("words", ["rnn_core.cli.options runs list", "streamlit.web.cli app"])
def test_ctrl_c_while_the_command_line_loads(words):
    """It is interrupted while it imports the module that is named first."""
    begun = f"import sys; sys.argv = {words.split()}"
    answer = python("", "-c", begun + INTERRUPTED_AS_IT_LOADS)
    assert (answer.returncode, answer.stderr.splitlines()[-1]) == (130, "Given up.")


def interrupted_in_a_finalizer(*_):
    """Python ignores a Ctrl-C there, which comes again a moment later."""

    class Interrupted:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGINT)

    Interrupted()
    for _ in range(1_000):
        time.sleep(0.01)


SHUT = PermissionError(13, "Permission denied", "/shut/corpora")


@pytest.mark.parametrize(
    ("work", "code", "sentence"),
    [
        (KeyboardInterrupt, 130, "Given up."),
        (interrupted_in_a_finalizer, 130, "Given up."),
        (SHUT, 1, "/shut/corpora: Permission denied. Check that you may read and write there, or choose"),
    ],
)
def test_ctrl_c_and_a_place_that_is_shut(monkeypatch, work, code, sentence):
    monkeypatch.setattr("rnn_core.cli.data.prepare", Mock(side_effect=work))
    assert sentence in error_of(call("data prepare --data verdict"), code)


def test_work_that_is_interrupted_is_closed_at_once(monkeypatch):
    """Also while its progress is drawn."""
    closed = []

    def work():
        try:
            yield Progress("Working", 0, 1)
        finally:
            closed.append(True)

    def interrupt(steps):
        next(steps)
        raise KeyboardInterrupt

    monkeypatch.setattr(output, "show_progress", interrupt)
    with pytest.raises(KeyboardInterrupt) as held:  # whose traceback keeps the frames alive
        output.run_with_progress(work())
    assert (closed, held.type) == ([True], KeyboardInterrupt)


def test_a_file_that_cannot_be_written_is_found_first(here, monkeypatch):
    """It is refused before any work: the model isn't even read."""
    monkeypatch.setattr(Model, "load", lambda *_: pytest.fail("this is work"))
    assert "a.json: No such file" in error_of(call("trace made film --out no/such/a.json"), 1)


def test_app_becomes_a_server_in_its_own_folder(tmp_path, monkeypatch):
    """It uses the artifacts that are named from where it is started."""
    began = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", "mine")
    monkeypatch.setattr(sys, "argv", ["rnn_core", "app"])
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: began.extend([name, *sys.argv[1:]]))
    done("app --server.port=8600")
    assert Path(".streamlit", "config.toml").is_file()
    assert began == ["streamlit", "run", "app.py", "--server.port=8600"]
    assert artifacts_folder() == tmp_path / "mine"


def test_app_becomes_a_server_before_torch_is_imported():
    late = "import sys; sys.modules['torch'] = None; from rnn_core.cli import main; main(['app', '--help'])"
    assert "Usage" in python("", "-c", late).stdout


OF_CHECKOUTS = (
    "app",
    "baselines",
    "runs publish run name --weakness None.",
    "sweep vocabulary --publish curves",
)


@pytest.mark.parametrize("words", OF_CHECKOUTS)
def test_an_installed_package_says_it_needs_a_checkout(words, monkeypatch):
    monkeypatch.setattr("rnn_core.cli.errors.project_folder", lambda: None)
    monkeypatch.setattr("rnn_core.cli.app.app_folder", lambda: None)  # a package that lies alone
    assert "needs a checkout of the project, and this is an installed package." in error_of(call(words), 1)
