// Show GraphiQL with the example queries.

// GraphiQL's dialogs read the nonce from here: the style that they insert needs it.
window.__webpack_nonce__ = document.currentScript.nonce;

const root = document.getElementById("explorer");
if (window.GraphiQL) {
  ReactDOM.createRoot(root).render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: "graphql" }),
      defaultTabs: examples.map((query) => ({ query })),
      defaultEditorToolsVisibility: false,
    }),
  );
} else {
  root.textContent = "GraphiQL could not be loaded from the CDN.";
}
