"""Work in the background for one session: what it found, and whose it is."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared.jobs import Job, jobs
from rnn_core.progress import Progress


def page():
    import streamlit as st

    from pages.components.shared.found_by import found_by
    from tests.pages.shared.test_found_by import steps

    st.text(f"found {found_by('count', st.session_state['about'], steps, 'Begins')}")


def steps():
    yield Progress("Counting", 1, 1)
    return "all"


def opened(about="a"):
    app = AppTest.from_function(page)
    app.session_state["about"] = about
    return app.run()


def test_what_was_found_is_given_again_without_new_work():
    app = opened()
    assert app.text[0].value == "found all"
    begun = len(jobs()._jobs)
    assert app.run().text[0].value == "found all"
    assert len(jobs()._jobs) == begun


def test_two_sessions_have_work_of_their_own():
    first, second = opened(), opened()
    second.session_state["about"] = "b"
    assert second.run().text[0].value == "found all"
    assert first.run().text[0].value == "found all"
    assert len({name.partition(":")[0] for name in jobs()._jobs}) == 2


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_work_that_ended_well_has_its_result_even_when_it_was_cancelled_in_its_last_moment(is_cancelled):
    begun, last = threading.Event(), threading.Event()

    def work():
        yield Progress("Counting", 1, 1)
        begun.set()
        last.wait(5)
        return "all"

    job = Job(work, "Begins")
    assert begun.wait(5)
    if is_cancelled:
        job.cancel()
    last.set()
    job.wait(5)
    assert job.result == "all"
