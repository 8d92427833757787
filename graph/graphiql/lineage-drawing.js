// Draws a lineage as SVG. React inserts all texts as text, never as HTML.

const h = React.createElement;

/** The artifacts and links of a graph; `onSelect` is called with the index of an artifact. */
export const LineageDrawing = React.memo(({ graph, layout, selected, onSelect }) => [
  h("defs", { key: "defs" }, h(ArrowHead)),
  ...graph.links.map(({ label }, index) =>
    h(Link, { key: `link ${index}`, label, curve: layout.curves[index] }),
  ),
  ...graph.artifacts.map((artifact, index) => {
    const isSelected = index === selected;
    const box = layout.boxes[index];
    return h(Artifact, { key: `artifact ${index}`, artifact, index, box, isSelected, onSelect });
  }),
]);

function ArrowHead() {
  const size = { markerWidth: 7, markerHeight: 7, refX: 9, refY: 5, viewBox: "0 0 10 10" };
  return h(
    "marker",
    { id: "lineage-arrow", orient: "auto", ...size },
    h("path", { d: "M0 0 10 5 0 10z" }),
  );
}

const Link = React.memo(({ label, curve }) =>
  h(
    "g",
    { className: "lineage-link" },
    h("path", { d: toPath(curve.points), markerEnd: "url(#lineage-arrow)" }),
    h("text", { x: curve.x, y: curve.y }, label),
  ),
);

/** Returns a curve through the middles of the lines between the points. */
function toPath([first, ...others]) {
  const last = others.pop();
  const curves = others.map((point, index) => {
    const next = others[index + 1] ?? last;
    return `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return `M${first.x} ${first.y}${curves.join("")}L${last.x} ${last.y}`;
}

const Artifact = React.memo(({ artifact, index, box, isSelected, onSelect }) =>
  h(
    "foreignObject",
    box,
    h(
      "button",
      {
        type: "button",
        title: artifact.name,
        className: artifact.isRoot ? "lineage-artifact root" : "lineage-artifact",
        "data-type": artifact.type,
        "aria-pressed": isSelected,
        onClick: () => onSelect(index),
      },
      h("span", { className: "type" }, artifact.type, artifact.isRoot && " (start)"),
      h("span", { className: "name", dir: "auto" }, artifact.name),
    ),
  ),
);
