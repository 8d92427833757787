// Finds the lineages in an answer, and turns each into artifacts and links to draw.

/** Returns a graph for each lineage in the answer, which is a JSON text or empty. */
export function findLineageGraphs(answer) {
  const graphs = [];
  collect(parseData(answer), [], graphs);
  return graphs;
}

function parseData(answer) {
  try {
    return JSON.parse(answer)?.data;
  } catch {
    return null; // not an answer yet, or the message of a failed request
  }
}

function collect(value, path, graphs) {
  for (const [name, child] of Object.entries(isObject(value) ? value : {})) {
    const childPath = [...path, name];
    // A lineage is a field of an artifact; what is in a list, such as a path, only looks like one.
    if (!Array.isArray(value) && isLineage(child)) {
      graphs.push(toGraph(child, value, childPath.join(".")));
    } else {
      collect(child, childPath, graphs);
    }
  }
}

function isLineage(value) {
  if (!isObject(value)) return false;
  if (value.__typename) return value.__typename === "LineageGraph";
  const { nodes, edges } = value;
  if (!Array.isArray(nodes ?? edges)) return false;
  return (
    (edges ?? []).every((edge) => edge?.upstreamId && edge.downstreamId) &&
    (nodes ?? []).every((node) => isObject(node?.artifact)) &&
    // Connections have nodes and edges too, but of other shapes, and are never complete.
    (edges?.length > 0 || "complete" in value)
  );
}

/**
 * Returns the artifacts, the root first, and the links between them, by the artifacts' indices.
 * The root is described by `root` and by the object that the lineage was selected on.
 */
function toGraph(lineage, parent, path) {
  const edges = lineage.edges ?? [];
  const others = (lineage.nodes ?? []).map((node) => node.artifact);
  const known = new Set(others.map((artifact) => artifact.id));
  const ends = new Set(edges.flatMap((edge) => [edge.upstreamId, edge.downstreamId]));
  const unknown = [...ends].filter((id) => !known.has(id));
  const root = { ...parent, ...lineage.root };
  if (unknown.length === 1) root.id ??= unknown[0]; // all ends are nodes or the root
  if (!lineage.nodes) others.push(...unknown.filter((id) => id !== root.id).map((id) => ({ id })));
  const artifacts = [root, ...others].map(toArtifact);
  const indices = new Map(artifacts.map(({ id }, index) => [id, index]));
  const links = edges.map((edge) => toLink(edge, indices));
  const drawn = links.filter(({ from, to }) => from !== undefined && to !== undefined);
  return {
    path,
    artifacts,
    links: drawn,
    complete: lineage.complete,
    needsEdges: !lineage.edges,
    needsIds: drawn.length < links.length,
  };
}

function toArtifact({ id, name, type, url, __typename }, index) {
  return {
    id,
    url,
    name: name ?? id ?? "(no name selected)",
    type: type ?? __typename?.toUpperCase() ?? "ARTIFACT",
    isRoot: index === 0,
  };
}

function toLink({ upstreamId, downstreamId, kind, role }, indices) {
  return {
    from: indices.get(upstreamId),
    to: indices.get(downstreamId),
    label: (role ?? kind ?? "").toLowerCase().replaceAll("_", " "),
  };
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}
