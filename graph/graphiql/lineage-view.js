// The lineage view: a GraphiQL plugin that draws the lineages in the answer of the active tab.

import { ArtifactDetails } from "./artifact-details.js";
import { LineageCanvas } from "./lineage-canvas.js";
import { findLineageGraphs } from "./lineage-graphs.js";
import { togglePlugin } from "./plugin-pane.js";
import { useLineageLayout } from "./use-lineage-layout.js";

const h = React.createElement;
const { useMemo, useState } = React;
const NO_LINEAGE =
  "The answer in this tab holds no lineage. Run a query that selects the lineage of an " +
  "artifact, such as the example LineageOfModel.";

export const lineagePlugin = { title: "Lineage", icon: LineageIcon, content: LineagePane };

/** A button that opens the view, shown below answers that hold a lineage. */
export function LineageButton() {
  const graphs = useLineageGraphs();
  const isOpen = GraphiQL.React.usePluginStore().visiblePlugin === lineagePlugin;
  const onClick = () => togglePlugin(lineagePlugin.title);
  const isNeeded = graphs.length > 0 && !isOpen;
  return isNeeded && h(GraphiQL.React.Button, { type: "button", onClick }, "Draw the lineage");
}

function useLineageGraphs() {
  const { tabs, activeTabIndex } = GraphiQL.React.useEditorContext();
  const answer = tabs[activeTabIndex].response;
  return useMemo(() => findLineageGraphs(answer), [answer]);
}

function LineageIcon() {
  const circle = (cx, cy) => h("circle", { cx, cy, r: 2.5 });
  return h(
    "svg",
    { viewBox: "0 0 20 20", fill: "none", stroke: "currentColor", strokeWidth: 1.5 },
    h("path", { d: "M6 5.5 14 9.5M6 14.5 14 10.5" }),
    circle(3.5, 4.5),
    circle(3.5, 15.5),
    circle(16.5, 10),
  );
}

function LineagePane() {
  const graphs = useLineageGraphs();
  const [path, setPath] = useState(null);
  const graph = graphs.find((candidate) => candidate.path === path) ?? graphs[0];
  return h(
    "section",
    { className: "lineage", "aria-label": "Lineage" },
    h("h2", null, "Lineage"),
    graphs.length > 1 && h(PathSelect, { graphs, value: graph.path, onSelect: setPath }),
    graph ? h(Lineage, { graph }) : h("p", null, NO_LINEAGE),
  );
}

function PathSelect({ graphs, value, onSelect }) {
  const options = graphs.map(({ path }) => h("option", { key: path }, path));
  const onChange = (event) => onSelect(event.target.value);
  return h("select", { value, onChange, "aria-label": "Lineage in the answer" }, options);
}

function Lineage({ graph }) {
  const { layout, problem } = useLineageLayout(graph);
  const [selection, setSelection] = useState({});
  const selected = selection.graph === graph ? selection.index : undefined;
  const onSelect = React.useCallback((index) => setSelection({ graph, index }), [graph]);
  const artifact = graph.artifacts[selected];
  return h(
    React.Fragment,
    null,
    h("p", { role: "status" }, problem ?? (layout ? describe(graph) : "Drawing…")),
    layout && h(LineageCanvas, { graph, layout, selected, onSelect }),
    artifact && h(ArtifactDetails, { artifact }),
  );
}

function describe({ artifacts, links, complete, needsEdges, needsIds }) {
  return [
    `${count(artifacts, "artifact")}, ${count(links, "link")}.`,
    artifacts.length === 1 && "No other artifact was found.",
    complete === false && "Incomplete: artifacts within the depth were left out.",
    needsEdges && "To see the links, select edges { upstreamId downstreamId kind role }.",
    needsIds && "To see all links, select the id of each artifact.",
  ]
    .filter(Boolean)
    .join(" ");
}

function count({ length }, noun) {
  return `${length.toLocaleString("en")} ${noun}${length === 1 ? "" : "s"}`;
}
