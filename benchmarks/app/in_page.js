// What the page says of itself. Times are taken here, so that the time Playwright needs to learn of something
// does not count.
(() => {
  const bench = (window.gatescopeBench = { received: [], frames: [], answer: null })

  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given)
      this.addEventListener("message", ({ data }) => {
        const text = new TextDecoder("latin1").decode(data)
        const chart = text.includes("gatescope_chart") ? text.match(/ID-[0-9a-f]+-([a-z_]+)/)?.[1] : ""
        bench.received.push([performance.now(), data.byteLength, chart ?? ""])
      })
    }
  }

  bench.isDrawn = (key) => {
    const lines = document.querySelectorAll(`.st-key-${key} .gs-chart .js-line`)
    return [...lines].some((line) => line.getAttribute("d")?.includes("L") && line.checkVisibility())
  }

  bench.range = (key) => document.querySelector(`.st-key-${key} .gs-chart`)?.layout?.xaxis?.range ?? []

  // What a run with the settings of the form would cost; the last thing on the page, and measured first.
  bench.cost = () => document.querySelector(".st-key-run_estimate")?.textContent

  // The verdict as the Read page and, at the end of its curve, the chart write it: "61.2%positive".
  bench.verdict = () => document.querySelector(".gs-verdict")?.dataset.verdict

  // Plotly writes beside its curves when they and the heat map are drawn.
  bench.isWritten = (key, text) => {
    const written = document.querySelectorAll(`.st-key-${key} .annotation-text`)
    return [...written].some(({ textContent }) => textContent === text)
  }

  bench.metrics = () =>
    [...document.querySelectorAll("[data-testid=stMetricValue]")].map(({ textContent }) => textContent).join()

  bench.labels = () =>
    [...document.querySelectorAll("[data-testid=stMetricLabel]")].map(({ textContent }) => textContent.trim())

  bench.says = (words) => document.querySelector("[data-testid=stMain]").textContent.includes(words)

  // Where the lines stand that mark a time step.
  bench.cursor = (key) =>
    (document.querySelector(`.st-key-${key} .gs-chart`)?.layout?.shapes ?? []).map(({ x0 }) => x0)

  bench.lastToken = () => {
    const strip = document.querySelector(".st-key-token_strip [data-testid=stBidiComponentIsolated]")
    return [...(strip?.shadowRoot.querySelectorAll("[role=option]") ?? [])].at(-1)?.textContent
  }

  bench.isQuiet = (ms) => performance.now() - (bench.received.at(-1)?.[0] ?? 0) > ms

  bench.isAtRest = () => document.querySelector("[data-test-script-state=notRunning]") !== null

  // What a frame shows is what the page holds when its callbacks run.
  bench.watch = (key) => {
    const frames = (bench.frames = [])
    const look = () => {
      if (bench.frames !== frames) return
      frames.push([performance.now(), bench.isDrawn(key), bench.range(key)])
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }

  // The time stamp of an event is the browser's: it counts the time in which the page was too busy to answer.
  bench.expect = (event, conditions, chart, patience) => {
    Object.assign(bench, {
      address: location.search, before: bench.verdict(), metricsBefore: bench.metrics(),
    })
    bench.answer = new Promise((resolve) => {
      const began = ({ timeStamp }) => {
        const answer = {}
        bench.began = timeStamp
        const look = () => {
          const now = performance.now() - timeStamp
          for (const [name, holds] of Object.entries(conditions)) {
            if (!(name in answer) && holds()) answer[name] = now
          }
          if (Object.keys(conditions).every((name) => name in answer)) {
            const message = bench.received.find(([at, , which]) => which === chart && at > timeStamp)
            resolve({ ...answer, arrived: message ? message[0] - timeStamp : null })
          } else if (now > patience) {
            resolve(null)
          } else {
            requestAnimationFrame(look)
          }
        }
        requestAnimationFrame(look)
      }
      addEventListener(event, began, { capture: true, once: true })
    })
  }
})()
