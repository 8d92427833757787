// A React hook that lets the web worker compute the layout of a lineage.

const MAX_LINKS = 1000;
const MAX_SECONDS = 20;
const TOO_MANY = `More than ${MAX_LINKS.toLocaleString("en")} links are too many to draw.`;
const TOO_SLOW = "These links are too entangled to draw.";
const ADVICE = "Ask for fewer with first, depth or kinds.";

/** Returns the `layout` of a graph once it is computed, or the `problem` that prevents it. */
export function useLineageLayout(graph) {
  const [state, setState] = React.useState({});
  React.useEffect(() => startLayout(graph, (result) => setState({ graph, ...result })), [graph]);
  return state.graph === graph ? state : {};
}

/** Starts the computation, and returns a function that ends it. */
function startLayout({ artifacts, links }, report) {
  if (links.length > MAX_LINKS) {
    report({ problem: `${TOO_MANY} ${ADVICE}` });
    return undefined;
  }
  const worker = new Worker(getWorkerUrl());
  const end = () => {
    clearTimeout(timer);
    worker.terminate();
  };
  const finish = (result) => {
    end();
    report(result);
  };
  const timer = setTimeout(() => finish({ problem: `${TOO_SLOW} ${ADVICE}` }), MAX_SECONDS * 1000);
  worker.onmessage = ({ data }) => finish({ layout: data });
  worker.onerror = ({ message }) => finish({ problem: `The drawing failed: ${message}` });
  worker.postMessage({ size: artifacts.length, links });
  return end;
}

/** Returns the worker's URL, which tells where its library is, and whether that is a CDN. */
function getWorkerUrl() {
  const url = new URL("lineage-layout.js", import.meta.url);
  url.search = location.search;
  const { dagre } = document.getElementById("explorer").dataset;
  url.searchParams.set("dagre", new URL(dagre, document.baseURI));
  return url;
}
