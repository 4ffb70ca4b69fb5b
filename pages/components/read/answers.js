// The list of classes of the exported page. It is drawn again only where it differs: a click takes a moment.

import { drawClasses } from "./view/class_list.js"

const drawn = new WeakMap()

export function show({ data: { label, ...data }, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".list")
  list.setAttribute("aria-label", label)
  list.follow = (name) => setTriggerValue("followed", name)
  const given = JSON.stringify(data)
  if (drawn.get(list) === given) return
  drawn.set(list, given)
  drawClasses(list, data, (name) => list.follow(name))
}
