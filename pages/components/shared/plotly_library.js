// Stands behind plotly.js itself, whose module leaves its name in `self`.
window.GatescopePlotly = self.moduleName ?? window.Plotly
window.dispatchEvent(new Event("gatescope-plotly-ready")) // live_chart.js waits for it
export default function () {}
