"""The package as others get it: built, installed in an environment of its own, used; and `make setup`.

What it depends on is taken from the environment of the tests, so that nothing is downloaded.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
import tomllib
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from benchmarks.app.browser import answers, free_port
from rnn_core.runs.ready import SWITCH
from tests.browser.wire import handshake, visit
from tests.runs.workers import wait_until

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]
COMMITTED = ("pretrained", "results")
WHERE_ALL_LIES = """
from rnn_core.paths import pretrained_folder, results_folder, runs_folder
print(runs_folder(), pretrained_folder(), results_folder(), sep="\\n")
"""
_APP = ("app.py", "pages", ".streamlit")
_BUILT_FROM = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "rnn_core", *_APP)

needs_build_backend = pytest.mark.skipif(
    importlib.util.find_spec("setuptools") is None,
    reason="needs setuptools, which builds the package (requirements-dev.txt)",
)


def outside(**environment):
    """Where and with what a command runs outside of the checkout, without what the tests set for this one."""
    of_tests = ("GATESCOPE_", "XDG_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(of_tests)}
    return {"env": {**inherited, **environment}, "cwd": environment.get("HOME")}


def run(*command, **environment):
    """Run a command outside of the checkout."""
    words = list(map(str, command))
    return subprocess.run(
        words, **outside(**environment), capture_output=True, text=True, check=False, timeout=300
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
    """What a package is built from: a copy, since building leaves files behind."""
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


@needs_build_backend
def test_the_wheel_holds_the_source_the_app_the_models_and_the_results_and_nothing_else(wheel):
    committed = (PROJECT / "artifacts" / name for name in COMMITTED)
    folders = [PROJECT / "pages", PROJECT / ".streamlit", *committed]
    carried = {f"gatescope_app/{file}" for folder in folders for file in files_under(folder)}
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == carried | {"gatescope_app/app.py"} | files_under(PROJECT / "rnn_core")
    assert wheel.stat().st_size <= 40_000_000


@contextlib.contextmanager
def serving(gatescope, home):
    """The port of the app as this command opens it, from an empty folder."""
    port = free_port()
    with (home / "output").open("w+") as output:
        server = subprocess.Popen(
            [gatescope, "app", f"--server.port={port}", "--server.headless=true"],
            **outside(HOME=str(home), **{SWITCH: "0"}),
            stdout=output,
            stderr=output,
        )

        def is_healthy():
            assert server.poll() is None, (home / "output").read_text()
            return answers(f"http://127.0.0.1:{port}")

        try:
            wait_until(is_healthy)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=20)


@needs_build_backend
def test_an_installed_package_opens_the_app_with_its_settings_and_its_networks(installed, tmp_path):
    with serving(installed, tmp_path) as port:
        host = f"127.0.0.1:{port}"
        for page, said in (("", "GRU on IMDB · reader, read just now."), ("read", "gatescope_cursor_strip")):
            drawn = visit(port, page, host=host, origin=f"http://{host}")
            assert not drawn.of("exception")
            components = [each.component_name for each in drawn.of("bidi_component")]
            assert said in [*components, *(each.body for each in drawn.of("markdown"))]
        assert handshake(port, "evil.example", None) == 403  # as the settings in .streamlit say


@needs_build_backend
def test_an_installed_package_puts_the_exported_page_together(installed, tmp_path):
    script = "from rnn_core.export.bundle import bundle\nprint(bundle('main.js'))"
    done = run(installed.with_name("python"), "-c", script, HOME=str(tmp_path))
    assert "// main.js" in done.stdout, done.stderr


def where_all_lies(gatescope, home):
    lines = run(gatescope.with_name("python"), "-c", WHERE_ALL_LIES, HOME=str(home)).stdout.splitlines()
    return [Path(line) for line in lines]


@needs_build_backend
def test_an_installed_package_writes_among_the_users_own_files(installed, tmp_path):
    assert where_all_lies(installed, tmp_path)[0].is_relative_to(tmp_path)


@needs_build_backend
def test_an_editable_install_reads_and_writes_in_the_checkout(checkout, tmp_path_factory, tmp_path):
    gatescope = install(tmp_path_factory.mktemp("editable"), "--editable", checkout)
    assert gatescope.exists()
    folders = [checkout / "artifacts" / name for name in ("runs", *COMMITTED)]
    assert where_all_lies(gatescope, tmp_path) == folders


def requirements_in(name):
    lines = (line.partition("#")[0].strip() for line in (PROJECT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line]


FILES = sorted(path.name for path in PROJECT.glob("requirements*.txt"))


def test_each_dependency_is_declared_once_and_has_both_bounds():
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


PATIENCE = {"cpu": 10, "silent": 1}
"""Seconds to reach an index, which takes longer for its file, or for all; Python starts in ten when busy."""
TOOLS = ("sh", "uname", "timeout", "grep", "touch", "env")
NEEDED = [shutil.which(tool) for tool in ("make", *TOOLS)]


class Index(SimpleHTTPRequestHandler):
    """An index that takes longer for its CPU build than it may take to answer; `silent` never answers."""

    def do_GET(self):
        if "silent" in self.path or "cpu-py3" in self.path:
            time.sleep(PATIENCE["cpu"] + 0.5)
        super().do_GET()

    def log_message(self, *_):
        """Nothing."""


def offer(folder, version):
    """Puts a package called torch, of nothing but its version, into an index in this folder."""
    place = folder / "torch"
    place.mkdir(parents=True)
    name, about = f"torch-{version}-py3-none-any.whl", f"torch-{version}.dist-info"
    (place / "index.html").write_text(f'<a href="{name.replace("+", "%2B")}">{name}</a>')
    with zipfile.ZipFile(place / name, "w") as wheel:
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", f"{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")


@contextlib.contextmanager
def index_of(folder):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.skipif(sys.platform != "linux" or None in NEEDED, reason="needs Linux and make")
@pytest.mark.parametrize(
    ("cpu", "gpu", "installed", "said"),
    [
        ("cpu", False, "2.8.0+cpu", "No NVIDIA GPU was found: torch for a CPU, from "),
        ("silent", False, "2.9.0", "/silent can't be reached: torch as pip finds it."),
        ("cpu", True, "2.9.0", ""),
    ],
    ids=["reached, slow to download", "never answers", "a GPU is there"],
)
def test_without_a_gpu_torch_is_its_cpu_build(tmp_path, cpu, gpu, installed, said):
    """`make setup` takes it from a small index of the tests' own."""
    offer(tmp_path / "index" / "cpu", "2.8.0+cpu")
    offer(tmp_path / "index" / "all", "2.9.0")
    bin_of_tests, checkout = tmp_path / "bin", tmp_path / "checkout"
    for folder in (bin_of_tests, checkout):
        folder.mkdir()
    for tool in TOOLS:
        (bin_of_tests / tool).symlink_to(shutil.which(tool))
    if gpu:
        (bin_of_tests / "nvidia-smi").symlink_to(shutil.which("touch"))
    shutil.copy(PROJECT / "Makefile", checkout)
    (checkout / "requirements.txt").write_text("torch>=2.6,<3\n")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE"))}
    with index_of(tmp_path / "index") as address:
        done = subprocess.run(
            [
                shutil.which("make"),
                "setup",
                f"PYTHON={sys.executable}",
                f"TORCH_CPU={address}/{cpu}",
                f"PATIENCE={PATIENCE[cpu]}",
            ],
            cwd=checkout,
            env=inherited
            | {"PATH": str(bin_of_tests), "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"{address}/all"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert said in done.stdout
    assert ("GPU" in done.stdout) == bool(said)
    kept = list((checkout / ".venv").glob("lib/python*/site-packages/torch-*"))
    assert [folder.name for folder in kept] == [f"torch-{installed}.dist-info"]
