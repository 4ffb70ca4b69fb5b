"""Build it yourself: a cell written in one's own editor, checked at each save, its first mistake named."""

import streamlit as st

from pages.components.build.afterwards import show_afterwards
from pages.components.build.answer import show_answer
from pages.components.build.asked import show_asked, show_solution
from pages.components.build.looking import earlier_files, look_at, path_of, take_in_checks
from pages.components.build.own import choose_own, show_beginning
from pages.components.build.steps import choose_step, offer_next, say_how_to_allow, solved
from pages.components.build.work import show_disk, show_problem, show_work
from pages.components.shared import guard
from pages.components.shared.glossary import explained
from pages.components.shared.live_chart import current_theme
from pages.components.shared.streamlit_private import end_page
from rnn_core.cell_files.switch import why_off

guard.enter("pages/build.py")

theme = current_theme()
st.title("Build it yourself")
st.caption(
    explained(
        "Write a cell in your own editor, in plain PyTorch. Each time you save it, it is checked here, and "
        "the first mistake is named.",
        "about",
    )
)
if why := why_off():
    say_how_to_allow(why)
    end_page()

take_in_checks()
done = solved()
exercise = choose_step(done)
asked, work = st.columns([2, 3], gap="medium")
with asked:
    path = choose_own(done) if exercise is None else path_of(exercise)
look = None if path is None else look_at(path, exercise, earlier_files(done))
is_done = exercise is not None and exercise.number in done
with asked:
    if exercise is not None:
        show_asked(exercise, is_done, theme)
with work:
    show_problem()
    if look is None:
        show_beginning()
    else:
        show_work(look, exercise)
        show_answer(look, theme)
        if exercise is not None and look.passed:
            offer_next(exercise)
        show_disk(look)
if look is not None:
    if exercise is not None:
        show_solution(exercise, look, is_done)
    show_afterwards(look)
