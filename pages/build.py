"""Build it yourself: a cell typed as equations, or written in one's own editor and checked at each save."""

import streamlit as st

from pages.components.build import steps
from pages.components.build.afterwards import show_afterwards
from pages.components.build.answer import show_answer
from pages.components.build.looking import earlier_files, look_at, path_of, take_in_checks
from pages.components.build.own import choose_own, show_beginning
from pages.components.build.typed import show_typed
from pages.components.build.work import show_disk, show_problem, show_work
from pages.components.shared import guard
from pages.components.shared.assets import current_theme
from pages.components.shared.glossary import explained
from pages.components.shared.streamlit_private import end_page
from rnn_core.cell_files.switch import why_off
from rnn_core.own_cells.exercises import EXERCISES

guard.enter("pages/build.py")

theme = current_theme()
why, done = why_off(), steps.solved()
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    st.title("Build it yourself", width="content")
    step = steps.choose_step(done, why)
st.caption(explained(steps.introduction(step), "about"))
if step == steps.TYPED:
    show_typed(theme)
    end_page()
steps.end_where_files_are_off(why)

take_in_checks()
exercise = EXERCISES.get(step)
asked, work = st.columns([2, 3], gap="medium")
with asked:
    path = choose_own(done) if exercise is None else path_of(exercise)
    look = None if path is None else look_at(path, exercise, earlier_files(done))
    if exercise is not None:
        steps.show_asked(exercise, step in done, theme)
with work:
    show_problem()
    if look is None:
        show_beginning()
    else:
        show_work(look, exercise)
        show_answer(look, theme)
        if exercise is not None and look.passed:
            steps.offer_next(exercise)
        show_disk(look)
if look is not None:
    if exercise is not None:
        steps.show_solution(exercise, look, step in done)
    show_afterwards(look)
