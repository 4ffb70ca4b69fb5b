import streamlit as st
from pages.components import guard
guard.enter("pages/home.py")
st.title("home")
st.write(dict(st.query_params), st.context.theme.type)
x=st.selectbox("m",["a","gru","c"],key="model",bind="query-params")
print("RUN home", dict(st.query_params), st.context.theme.type, x)
