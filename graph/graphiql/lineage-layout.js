// A web worker that computes where the artifacts and links of a lineage are drawn.

importScripts(new URL(location).searchParams.get("dagre"));

const NODE = { width: 180, height: 70 };
const LABEL = { width: 64, height: 10, labelpos: "c" };
const SPACING = { nodesep: 14, edgesep: 6, ranksep: 24, marginx: 8, marginy: 8 };

self.onmessage = ({ data }) => self.postMessage(computeLayout(data));

/** Returns the size of the drawing, the corners of the artifacts and the points of the links. */
function computeLayout({ size, links }) {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  // The default ranker makes links a little shorter, but takes three times as long.
  graph.setGraph({ rankdir: "LR", ranker: "tight-tree", ...SPACING });
  const names = Array.from({ length: size }, (_, index) => `${index}`);
  const edges = links.map(({ from, to }, index) => ({ v: `${from}`, w: `${to}`, name: `${index}` }));
  names.forEach((name) => graph.setNode(name, { ...NODE }));
  edges.forEach((edge) => graph.setEdge(edge, { ...LABEL }));
  dagre.layout(graph);
  const boxes = names.map((name) => toBox(graph.node(name)));
  const curves = edges.map((edge) => toCurve(graph.edge(edge), edge, boxes));
  return { width: graph.graph().width, height: graph.graph().height, boxes, curves };
}

function toBox({ x, y }) {
  return { ...NODE, x: x - NODE.width / 2, y: y - NODE.height / 2 };
}

/** Returns the points of a link and the middle of its label. */
function toCurve({ points, x, y }, { v, w }, boxes) {
  return { points: v === w ? toLoop(boxes[v], x, y) : points, x, y };
}

/** Returns the points of an artifact's link to itself, which dagre leaves room for below it. */
function toLoop(box, x, y) {
  const [left, right, bottom] = [x - LABEL.width / 2, x + LABEL.width / 2, box.y + box.height];
  return [
    { x: left, y: bottom },
    { x: left, y },
    { x: right, y },
    { x: right, y: bottom },
  ];
}
