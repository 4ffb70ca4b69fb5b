import streamlit as st

from pages.components import guard

guard.enter("pages/train.py")
st.title("train")
st.write(dict(st.query_params), st.context.theme.type)
x = st.selectbox("m", ["a", "gru", "c"], key="model", bind="query-params")
print("RUN train", dict(st.query_params), st.context.theme.type, x)
