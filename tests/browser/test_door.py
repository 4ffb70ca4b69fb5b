"""Who gets in: the page that the app itself served, at an address that is its own, and nobody else."""

import os
import shutil
import signal
import subprocess
import sys

import pytest

from rnn_core.runs import queue
from rnn_core.runs.run import RUNNING
from rnn_core.runs.store import Store
from tests.browser.conftest import recording, serve_app, went_out
from tests.browser.wire import ask, handshake, start_button, visit
from tests.runs.workers import PATIENCE, wait_until

TRAIN = "train?data=verdict&epochs=1000&hidden_size=8&max_length=32&threads=1"
UPLOAD = "/_stcore/upload_file/s/a-file"
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="run.zip"\r\n\r\nPK\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        *((host, f"http://{host}", 101) for host in ("127.0.0.1:{}", "localhost:{}", "[::1]:{}")),
        ("evil.example:{}", "http://evil.example:{}", 403),  # its owner has pointed it at this machine
        ("127.0.0.1:{}", "http://localhost:9", 403),  # Streamlit would let it in, and the next
        ("127.0.0.1:{}", None, 403),
    ],
)
def test_only_a_page_of_this_machine_gets_in(shared, host, origin, status):
    origin = origin and origin.format(shared.port)
    assert handshake(shared.port, host.format(shared.port), origin) == status


@pytest.mark.parametrize(
    "path", ["/", "/train", "/_stcore/host-config", "/_stcore/metrics", "/media/none.png", UPLOAD]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize("name", ["127.0.0.1", "evil.example"])
def test_no_page_of_another_origin_gets_an_answer(shared, path, method, name):
    """A browser asks with OPTIONS before it sends, and keeps from the page all that is not allowed."""
    headers = {"Host": f"{name}:{shared.port}", "Origin": "http://localhost:9"}
    headers |= {"Access-Control-Request-Method": "PUT"}
    allowed = ask(shared.port, method, path, headers).headers["access-control-allow-origin"]
    assert allowed not in ("*", headers["Origin"])


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("cookie", ["", "made up", "2|00000000|00000000|1"])
def test_an_upload_without_its_token_is_refused(shared, method, cookie):
    headers = {"Host": f"127.0.0.1:{shared.port}"} | FORM
    if cookie:
        headers |= {"Cookie": f"_streamlit_xsrf={cookie}", "X-Xsrftoken": "2|00000000|11111111|1"}
    answer = ask(shared.port, method, UPLOAD, headers, FILE)
    assert (answer.status, answer.body) == (403, b"XSRF token missing or invalid")


def test_an_upload_with_a_token_needs_a_session(shared):
    host = {"Host": f"evil.example:{shared.port}"}
    cookie = ask(shared.port, "GET", "/_stcore/health", host).headers["set-cookie"].split(";")[0]
    token = {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}
    answer = ask(shared.port, "PUT", UPLOAD, host | FORM | token, FILE)
    assert answer.status == 400
    assert b"Invalid session_id" in answer.body


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to no other group")
def test_who_is_named_starts_a_run_that_outlives_the_server(verdict_cache, tmp_path):
    """Hosts and origins are named; the server ends without an error, and says how the run is stopped."""
    shutil.copytree(verdict_cache, tmp_path / "cache")
    named = ["--server.allowedHosts=lab.example", "--server.allowedHosts=127.0.0.1"]
    named += ["--server.address=0.0.0.0", "--server.corsAllowedOrigins=https://films.example"]
    with serve_app(tmp_path, *named) as server:
        lab, localhost = (f"{name}:{server.port}" for name in ("lab.example", "localhost"))
        assert handshake(server.port, localhost, f"http://{localhost}") == 403
        assert handshake(server.port, lab, f"https://{lab}") == 101
        press = start_button(server.port, TRAIN)
        visit(server.port, TRAIN, host=lab, origin="https://films.example", press=press)
        store = Store()
        [run] = store.runs.all()
        wait_until(lambda: store.runs.get(run.id).optimizer_step > 0)

        os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        assert server.process.wait(PATIENCE) == 0
        said = server.output.read_text()
        assert "Aborted" not in said
        assert f"Run {run.id} goes on" in said
        assert "python -m rnn_core runs stop --all" in said

        step = store.runs.get(run.id).optimizer_step
        wait_until(lambda: store.runs.get(run.id).optimizer_step > step)
        assert store.runs.get(run.id).state == RUNNING
        queue.stop_all(store)
        wait_until(lambda: not store.runs.active())
        assert store.runs.get(run.id).state == "stopped"


def test_speaking_to_another_machine_is_recorded(tmp_path):
    """`serve_app` sees, at the end of every server of the tests, that the app did not."""
    attempt = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    subprocess.run([sys.executable, "-c", attempt], env=recording(tmp_path), check=False)
    assert went_out(tmp_path) == ["socket.connect 192.0.2.1"]
