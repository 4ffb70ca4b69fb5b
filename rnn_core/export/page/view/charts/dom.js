// Parts of the page. What a user wrote or named comes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg"

export function make(tag, attributes = {}, ...children) {
  return finish(document.createElement(tag), attributes, children)
}

export function makeSvg(tag, attributes = {}, ...children) {
  return finish(document.createElementNS(SVG, tag), attributes, children)
}

// The content policy forbids `style` in markup, not properties that a script sets.
export function setStyle(node, properties) {
  for (const [name, value] of Object.entries(properties)) node.style.setProperty(name, value)
  return node
}

// Only what differs is written: a cursor that moves touches few nodes.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

function finish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}
