const drawn = new WeakMap()

function element(name, className, text = "") {
  const node = document.createElement(name)
  node.className = className
  node.textContent = text // names of classes are set as text only
  return node
}

function rowNode({ name, share, width, colour }, followed, isChosen) {
  const isFollowed = name === followed
  const button = element("button", "")
  button.type = "button"
  button.dataset.name = name
  button.setAttribute("aria-pressed", isFollowed)
  button.title = isFollowed && isChosen ? `${name}: click to follow the predicted class again` : name
  button.style.setProperty("--gs-colour", colour)
  button.style.setProperty("--gs-width", `${width}%`)
  const bar = element("span", "bar")
  bar.append(element("i", ""))
  const words = element("bdi", "name", name)
  button.append(element("span", "sign", isFollowed ? "\u25b6" : ""), words, bar, element("span", "share", share))
  return button
}

export default function ({ data, parentElement, setTriggerValue }) {
  const all = parentElement.querySelector(".all")
  const list = all.querySelector(".list")
  list.setAttribute("aria-label", data.label)
  all.style.setProperty("--gs-height", data.height + "px")
  for (const [name, colour] of Object.entries(data.colours)) all.style.setProperty("--gs-" + name, colour)

  const given = JSON.stringify([data.classes, data.followed, data.isChosen])
  if (drawn.get(all) !== given) {
    drawn.set(all, given)
    const focused = all.getRootNode().activeElement?.dataset?.name
    list.replaceChildren(...data.classes.map((one) => rowNode(one, data.followed, data.isChosen)))
    for (const button of list.children) if (button.dataset.name === focused) button.focus()
  }
  list.onclick = (event) => {
    const button = event.target.closest("button")
    if (button) setTriggerValue("followed", button.dataset.name)
  }
}
