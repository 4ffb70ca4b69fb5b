"""The package as others get it: built, installed in an environment of its own, used; and `make setup`.

What it depends on is taken from the environment of the tests, so that nothing is downloaded.
"""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from rnn_core.runs.ready import SWITCH
from tests.browser.conftest import serve
from tests.browser.wire import handshake, visit

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]
COMMITTED = ("pretrained", "results")
WHERE_ALL_LIES = """
from rnn_core.export.bundle import bundle
from rnn_core.paths import pretrained_folder, results_folder, runs_folder
assert "// main.js" in bundle("main.js")  # the modules of the exported page are there
print(runs_folder(), pretrained_folder(), results_folder(), sep="\\n")
"""
_APP = ("app.py", "pages", ".streamlit")
_BUILT_FROM = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "rnn_core", *_APP)


def outside(home):
    """The environment of a command outside of the checkout, without what the tests set for this one."""
    of_tests = ("GATESCOPE_", "XDG_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(of_tests)}
    return inherited | {"HOME": str(home), SWITCH: "0"}


def run(*command, home=None):
    """Run a command outside of the checkout."""
    words, environment = list(map(str, command)), outside(home or Path.home())
    return subprocess.run(
        words, cwd=home, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def pip(*words):
    """Let pip do something without the network."""
    done = run(sys.executable, "-m", "pip", *words, "--no-index", "--no-deps", "--no-build-isolation")
    assert done.returncode == 0, done.stdout + done.stderr


def files_under(folder):
    """Every file of the source, as a path from the project on."""
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(PROJECT).as_posix() for path in paths}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Sources of a package: a copy, since building leaves files behind."""
    pytest.importorskip("setuptools", reason="needs setuptools, which builds the package")
    copy = tmp_path_factory.mktemp("checkout")
    for name in (*_BUILT_FROM, *(path.name for path in PROJECT.glob("requirements*.txt"))):
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(PROJECT / name, copy / name)
    for name in COMMITTED:
        shutil.copytree(PROJECT / "artifacts" / name, copy / "artifacts" / name)
    return copy


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    for package in ("rnn_core", "gatescope_app"):
        stale = checkout / "build" / "lib" / package / "moved_away.py"  # as an earlier build left it
        stale.parent.mkdir(parents=True)
        stale.touch()
    pip("wheel", "--wheel-dir", folder, checkout)
    [built] = folder.glob("gatescope-*.whl")
    return built


def install(folder, *what):
    """The command `gatescope` of a new environment in `folder` that sees the packages of the tests."""
    made = run(sys.executable, "-m", "venv", "--without-pip", folder)
    assert made.returncode == 0, made.stderr
    paths = {"base": str(folder), "platbase": str(folder)}
    python = Path(sysconfig.get_path("scripts", "venv", paths), "python")
    of_tests = sysconfig.get_path("purelib")
    Path(sysconfig.get_path("purelib", "venv", paths), "tests.pth").write_text(
        f"import site; site.addsitedir({of_tests!r})\n"
    )
    pip("--python", python, "install", *what)
    return python.with_name("gatescope")


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    return install(tmp_path_factory.mktemp("installed"), wheel)


def test_the_wheel_holds_source_app_models_and_results(wheel):
    committed = (PROJECT / "artifacts" / name for name in COMMITTED)
    folders = [PROJECT / "pages", PROJECT / ".streamlit", *committed]
    carried = {f"gatescope_app/{file}" for folder in folders for file in files_under(folder)}
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == carried | {"gatescope_app/app.py"} | files_under(PROJECT / "rnn_core")
    assert wheel.stat().st_size <= 40_000_000


def test_an_installed_package_opens_the_app(installed, tmp_path):
    with serve([installed, "app"], tmp_path, outside(tmp_path)) as server:
        host, port = f"127.0.0.1:{server.port}", server.port
        for page, said in (("", "GRU on IMDB · reader, read just now."), ("read", "gatescope_token_strip")):
            drawn = visit(port, page, host=host, origin=f"http://{host}")
            assert not drawn.of("exception")
            components = [each.component_name for each in drawn.of("bidi_component")]
            assert said in [*components, *(each.body for each in drawn.of("markdown"))]
        assert handshake(port, "evil.example", None) == 403  # as the settings in .streamlit say


def where_all_lies(gatescope, home):
    lines = run(gatescope.with_name("python"), "-c", WHERE_ALL_LIES, home=home).stdout.splitlines()
    return [Path(line) for line in lines]


def test_an_installed_package_writes_among_users_files(installed, tmp_path):
    assert where_all_lies(installed, tmp_path)[0].is_relative_to(tmp_path)


def test_an_editable_install_works_in_the_checkout(checkout, tmp_path_factory, tmp_path):
    gatescope = install(tmp_path_factory.mktemp("editable"), "--editable", checkout)
    assert gatescope.exists()
    folders = [checkout / "artifacts" / name for name in ("runs", *COMMITTED)]
    assert where_all_lies(gatescope, tmp_path) == folders


def requirements_in(name):
    lines = (line.partition("#")[0].strip() for line in (PROJECT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line]


FILES = sorted(path.name for path in PROJECT.glob("requirements*.txt"))


def test_each_dependency_is_declared_once_with_bounds():
    declared = [one for name in FILES for one in requirements_in(name)]
    assert len({one.name for one in declared}) == len(declared)
    for one in declared:
        assert {bound.operator for bound in one.specifier} == {">=", "<"}, str(one)


def test_the_package_declares_what_the_files_list():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["dynamic"]
    assert settings["dependencies"]["file"] == ["requirements.txt"]
    extras = settings["optional-dependencies"]
    listed = {file for extra in extras.values() for file in extra["file"]}
    assert sorted(listed | {"requirements.txt"}) == FILES
    assert set(extras["dev"]["file"]) == set(FILES) - {"requirements.txt"}


TOOLS = ("sh", "uname", "timeout", "grep", "touch", "mkdir", "cp")
NEEDED = [shutil.which(tool) for tool in ("make", *TOOLS)]
PYTHON = f"""#!/bin/sh
read -r caller < /proc/$PPID/comm
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python;;
  "-m pip show"*) exit 1;;
  "-c "*) exec {sys.executable} "$@";;
  *) echo "$caller: $*" >> asked;;
esac
"""
"""Stands in for Python: it writes down who asks it to install what."""


ANSWERS = "data:,index"
"""An address that can be opened without a server."""


@pytest.mark.skipif(sys.platform != "linux" or None in NEEDED, reason="needs Linux and make")
@pytest.mark.parametrize(
    ("reached", "gpu", "said"),
    [
        (True, False, f"No NVIDIA GPU was found: torch for a CPU, from {ANSWERS}."),
        (False, False, "can't be reached: torch as pip finds it."),
        (True, True, ""),
    ],
    ids=["the index answers", "it is silent", "a GPU is there"],
)
def test_without_a_gpu_torch_is_its_cpu_build(tmp_path, reached, gpu, said):
    """`make setup` waits for the answer of an index for a bounded time, and not so for what it sends."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool))
    if gpu:
        (tools / "nvidia-smi").symlink_to(shutil.which("touch"))
    (tools / "python").write_text(PYTHON)
    (tools / "python").chmod(0o755)
    shutil.copy(PROJECT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").write_text("torch>=2.6,<3\n")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = ANSWERS if reached else f"http://127.0.0.1:{silent.getsockname()[1]}"
        patience = 60 if reached else 1  # a busy machine starts Python in seconds
        done = subprocess.run(
            [shutil.which("make"), "setup", "PYTHON=python", f"TORCH_CPU={index}", f"PATIENCE={patience}"],
            cwd=tmp_path,
            env={"PATH": str(tools)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert said in done.stdout
    assert ("GPU" in done.stdout) == bool(said)
    asked = (tmp_path / "asked").read_text()
    assert "timeout" not in asked
    installs = [line.partition(": -m pip install --no-compile ")[2] for line in asked.splitlines()]
    of_cpu = [f"--index-url {index} torch>=2.6,<3"] if reached and not gpu else []
    assert installs == [*of_cpu, "--requirement requirements.txt"]
