// Which of the first things were done, and whether the list is hidden.

const KEY = "gatescope_first_things"

// Some browsers keep nothing; then the list is as at first.
function recall() {
  try {
    const { done, isClosed } = JSON.parse(localStorage.getItem(KEY))
    return { done: Array.isArray(done) ? done : [], isClosed: isClosed === true }
  } catch {
    return { done: [], isClosed: false }
  }
}

function keep(now) {
  try {
    localStorage.setItem(KEY, JSON.stringify(now))
  } catch {
    // until the page is left
  }
}

export default function ({ data, parentElement }) {
  const now = recall()
  const button = parentElement.querySelector("button")
  const show = () => {
    const { dataset } = document.documentElement
    dataset.firstThings = now.isClosed ? "closed" : "open"
    dataset.firstDone = now.done.join(" ")
    button.textContent = now.isClosed ? "Show five things to try" : "Hide"
  }
  if (data.tasks.includes(data.done) && !now.done.includes(data.done)) {
    now.done.push(data.done)
    keep(now)
  }
  button.onclick = () => {
    now.isClosed = !now.isClosed
    keep(now)
    show()
  }
  show()
}
