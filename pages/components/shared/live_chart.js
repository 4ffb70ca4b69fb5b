const PATIENCE = 10_000 // milliseconds until Streamlit's own chart takes over

export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".gs-chart")
  const isFirst = !node.show
  node.show = () => window.GatescopeCharts.show(node, data, setTriggerValue)
  if (window.GatescopeCharts) {
    node.show()
  } else if (isFirst) {
    window.addEventListener("gatescope-charts-ready", () => node.show(), { once: true })
    window.setTimeout(() => window.GatescopeCharts || setTriggerValue("missing", true), PATIENCE)
  }
  return () => window.GatescopeCharts?.remove(node)
}
