// What is read of Streamlit's own page, by names that it doesn't promise. Without them a change is sent while a
// page is still drawn, and a page that takes seconds to begin is asked for again.
const appState = () => document.querySelector("[data-testid=stApp]")?.dataset ?? {}

const isDisconnected = () => (appState().testConnectionState ?? "CONNECTED") !== "CONNECTED"
// Whether the page still answers what was sent before.
const isDrawing = () => appState().testScriptState === "running"
