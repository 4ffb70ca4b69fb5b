"""`make setup` takes torch's CPU build where there is no NVIDIA GPU, from a small index of the tests' own."""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

PATIENCE = {"cpu": 10, "silent": 1}
"""Seconds to reach an index, which takes longer for its file, or for all; Python starts in ten when busy."""
TOOLS = ("sh", "uname", "timeout", "grep", "touch", "env")
NEEDED = [shutil.which(tool) for tool in ("make", *TOOLS)]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux" or None in NEEDED, reason="needs Linux and make"),
]


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


@contextmanager
def serving(folder):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


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
    offer(tmp_path / "index" / "cpu", "2.8.0+cpu")
    offer(tmp_path / "index" / "all", "2.9.0")
    bin_of_tests, checkout = tmp_path / "bin", tmp_path / "checkout"
    for folder in (bin_of_tests, checkout):
        folder.mkdir()
    for tool in TOOLS:
        (bin_of_tests / tool).symlink_to(shutil.which(tool))
    if gpu:
        (bin_of_tests / "nvidia-smi").symlink_to(shutil.which("touch"))
    shutil.copy(Path(__file__).parents[1] / "Makefile", checkout)
    (checkout / "requirements.txt").write_text("torch>=2.6,<3\n")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE"))}
    with serving(tmp_path / "index") as address:
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
