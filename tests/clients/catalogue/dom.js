// Makes elements. Texts become text nodes: names from the registry are never read as HTML.
export const find = (selector) => document.querySelector(selector);

export function make(tag, { onclick, ...attributes } = {}, ...children) {
  const namespace = `http://www.w3.org/${tag.startsWith("svg:") ? "2000/svg" : "1999/xhtml"}`;
  const node = document.createElementNS(namespace, tag.replace("svg:", ""));
  for (const [name, value] of Object.entries(attributes)) if (value !== false) node.setAttribute(name, value);
  if (onclick) node.addEventListener("click", onclick);
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}
// Replaces the children of a node; what had the focus has it again if it is still there.
export function replace(node, ...children) {
  const focused = node.contains(document.activeElement) && document.activeElement.id;
  node.replaceChildren(...children);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
// Links to the web alone: artifacts of earlier releases may have any scheme.
export const externalLink = (url) => (/^https?:/i.test(url) ? make("a", { href: url, rel: "noreferrer" }, url) : url);
export const artifactLink = ({ id, name }) => make("a", { href: `#${id}`, id: `link-${id}` }, make("bdi", {}, name));
export const spell = (constant) => constant.toLowerCase().replaceAll("_", " ");
export const showTime = (time) => make("time", { datetime: time }, new Date(time).toLocaleString());
