// What is known about an artifact that was selected in the lineage view.

import { coversEditors, togglePlugin } from "./plugin-pane.js";

const h = React.createElement;

/** The artifact's name, id and URL, and a button that opens a query for it in a new tab. */
export function ArtifactDetails({ artifact: { id, name, type, url } }) {
  const openQuery = useOpenQuery();
  const { Button } = GraphiQL.React;
  return h(
    "section",
    { className: "lineage-details", "aria-label": "Selected artifact" },
    h("h3", { dir: "auto" }, name),
    h("dl", null, h(Entry, { term: "type" }, type), h(Entry, { term: "id" }, id), h(Url, { url })),
    id && h(Button, { type: "button", onClick: () => openQuery(toQuery(id)) }, "Query this artifact"),
  );
}

function Entry({ term, children }) {
  return children && h(React.Fragment, null, h("dt", null, term), h("dd", null, children));
}

/** The URL as a link if it is one for browsers; other schemes could run code. */
function Url({ url }) {
  const link = { href: url, target: "_blank", rel: "noreferrer" };
  return url && h(Entry, { term: "url" }, /^https?:\/\//i.test(url) ? h("a", link, url) : url);
}

/** Returns a function that opens a new tab with a query, and with the headers of this tab. */
function useOpenQuery() {
  const { addTab, queryEditor, headerEditor } = GraphiQL.React.useEditorContext();
  return (query) => {
    const headers = headerEditor.getValue();
    ReactDOM.flushSync(addTab); // it replaces the contents of the editors
    queryEditor.setValue(query);
    headerEditor.setValue(headers);
    if (coversEditors()) togglePlugin("Lineage");
  };
}

function toQuery(id) {
  return `# Show an artifact and the artifacts next to it.
query Artifact {
  artifact(id: ${JSON.stringify(id)}) {
    id
    type
    name
    url
    description
    lineage(direction: BOTH) {
      nodes {
        artifact {
          id
          type
          name
          url
        }
      }
      edges {
        upstreamId
        downstreamId
        kind
        role
      }
      complete
    }
  }
}
`;
}
