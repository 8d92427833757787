// Draws a lineage as SVG, from left to right; every artifact is a link to its page.
import { make, spell } from "./dom.js";
const [WIDTH, HEIGHT, GAP, ROW] = [190, 44, 70, 60];
export function drawLineage(root, { nodes, edges, complete }) {
  const places = placeNodes([{ artifact: root, upstreamDistance: 0 }, ...nodes], edges);
  const [xs, ys] = ["x", "y"].map((axis) => [...places.values()].map((place) => place[axis]));
  const [left, top] = [Math.min(...xs) - 8, Math.min(...ys) - 8];
  const [width, height] = [Math.max(...xs) + WIDTH + 8 - left, Math.max(...ys) + HEIGHT + 8 - top];
  const arrow = make("svg:marker", { id: "arrow", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
    make("svg:path", { d: "M0 0 8 4 0 8z" }));
  return make("div", { class: "drawing" }, make("svg:svg",
    { viewBox: `${left} ${top} ${width} ${height}`, width, height, role: "group", "aria-label": "Drawing of the lineage" },
    make("svg:defs", {}, arrow), ...edges.map((edge) => drawEdge(edge, places.get(edge.upstreamId), places.get(edge.downstreamId))),
    ...[...places.values()].map((place) => drawNode(place, root.id))), !complete && make("p", {}, "There is more than is shown here."));
}
// Places what is upstream of something in a column to the left of it; a cycle ends after some rounds.
function placeNodes(nodes, edges) {
  const columns = new Map(nodes.map(({ artifact, upstreamDistance, downstreamDistance }) =>
    [artifact.id, upstreamDistance === null ? downstreamDistance : -upstreamDistance]));
  for (let round = 0; round < 8; round++) for (const { upstreamId, downstreamId } of edges) {
    const [from, to] = [columns.get(upstreamId), columns.get(downstreamId)];
    if (from >= to) from > 0 ? columns.set(downstreamId, from + 1) : columns.set(upstreamId, to - 1);
  }
  const sizes = Map.groupBy(columns, ([, column]) => column);
  return new Map(nodes.map(({ artifact }) => {
    const column = columns.get(artifact.id);
    const [row, rows] = [sizes.get(column).findIndex(([id]) => id === artifact.id), sizes.get(column).length];
    return [artifact.id, { artifact, x: column * (WIDTH + GAP), y: (row - (rows - 1) / 2) * ROW + Math.abs(column % 2) * 18 }];
  }));
}

function drawEdge({ kind, role }, from, to) {
  const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
  return make("svg:path", { class: "edge", d: `M${x1} ${y1} C${x1 + 50} ${y1} ${x2 - 50} ${y2} ${x2} ${y2}`, "marker-end": "url(#arrow)" },
    make("svg:title", {}, `${spell(role ?? kind)}: ${to.artifact.name} was built from ${from.artifact.name}`));
}

function drawNode({ artifact: { id, name, type }, x, y }, rootId) {
  const shown = [...name].length > 25 ? `…${[...name].slice(-24).join("")}` : name;
  return make("svg:a", { href: `#${id}`, class: `node ${type}`, "aria-label": `${spell(type)} ${name}`, "aria-current": id === rootId && "true" },
    make("svg:title", {}, name), make("svg:rect", { x, y, width: WIDTH, height: HEIGHT, rx: 6 }),
    make("svg:text", { x: x + 10, y: y + 16, class: "kind" }, spell(type)), make("svg:text", { x: x + 10, y: y + 33 }, shown));
}
