// GraphiQL with the example queries and the lineage view.

import { examples } from "./examples.js";
import { createFetcher } from "./fetcher.js";
import { LineageButton, lineagePlugin } from "./lineage-view.js";

const h = React.createElement;
const OPTIONS = {
  fetcher: createFetcher(),
  defaultTabs: examples.map((query) => ({ query })),
  defaultEditorToolsVisibility: false,
  plugins: [lineagePlugin],
};

export function Explorer() {
  return h(
    GraphiQL,
    OPTIONS,
    h(GraphiQL.Logo, null, "Artifact registry", h(DocumentationLink)),
    h(GraphiQL.Footer, null, h(LineageButton)),
  );
}

function DocumentationLink() {
  const link = { href: "explorer/api.md", target: "_blank", rel: "noreferrer" };
  return h("a", link, "Documentation");
}
