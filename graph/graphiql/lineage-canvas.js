// The drawing of a lineage in a box that scrolls, with buttons to zoom.

import { LineageDrawing } from "./lineage-drawing.js";

const h = React.createElement;
const { useLayoutEffect, useRef, useState } = React;
const STEP = 1.25;
const SMALLEST = 0.05;
const LEGIBLE = 0.7;

/** The drawing, at first as large as fits or is legible, and with the root in the middle. */
export function LineageCanvas({ graph, layout, selected, onSelect }) {
  const box = useRef(null);
  const center = useRef(null);
  const [scale, setScale] = useState(1);
  const fit = (smallest) => {
    const { clientWidth, clientHeight } = box.current;
    const whole = Math.min(clientWidth / layout.width, clientHeight / layout.height);
    center.current = toCenter(layout.boxes[0]);
    setScale(clamp(whole, smallest, 1));
  };
  const zoom = (factor) => {
    center.current = readCenter(box.current, scale);
    setScale(clamp(scale * factor, SMALLEST, 2));
  };
  useLayoutEffect(() => fit(LEGIBLE), [layout]);
  useLayoutEffect(() => scrollToCenter(box.current, center.current, scale), [layout, scale]);
  return h(
    React.Fragment,
    null,
    h(
      "div",
      { className: "lineage-zoom" },
      h(Button, { label: "Zoom out", onClick: () => zoom(1 / STEP) }, "−"),
      h(Button, { label: "Zoom in", onClick: () => zoom(STEP) }, "+"),
      h(Button, { label: "Show all", onClick: () => fit(0) }, "Show all"),
    ),
    h(
      "div",
      { className: "lineage-canvas", ref: box },
      h(Svg, { layout, scale }, h(LineageDrawing, { graph, layout, selected, onSelect })),
    ),
  );
}

function Svg({ layout: { width, height }, scale, children }) {
  const size = { width: width * scale, height: height * scale };
  return h("svg", { viewBox: `0 0 ${width} ${height}`, ...size }, children);
}

function Button({ label, onClick, children }) {
  return h(GraphiQL.React.Button, { type: "button", "aria-label": label, onClick }, children);
}

function toCenter({ x, y, width, height }) {
  return { x: x + width / 2, y: y + height / 2 };
}

/** Returns the point of the drawing that is in the middle of the box. */
function readCenter(box, scale) {
  return {
    x: (box.scrollLeft + box.clientWidth / 2) / scale,
    y: (box.scrollTop + box.clientHeight / 2) / scale,
  };
}

function scrollToCenter(box, { x, y }, scale) {
  box.scrollTo(x * scale - box.clientWidth / 2, y * scale - box.clientHeight / 2);
}

function clamp(value, smallest, largest) {
  return Math.max(smallest, Math.min(value, largest));
}
