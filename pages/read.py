import streamlit as st
from pages.components import guard
guard.enter("pages/read.py")
st.title("read")
st.write(dict(st.query_params), st.context.theme.type)
x=st.selectbox("m",["a","gru","c"],key="model",bind="query-params")
print("RUN read", dict(st.query_params), st.context.theme.type, x)
