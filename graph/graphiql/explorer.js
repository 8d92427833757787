// Opens GraphiQL with the examples.
// Where the dialogs look for what allows them to add a style to the page.
window.__webpack_nonce__ = document.currentScript.nonce;

const root = document.getElementById("explorer");
if (window.GraphiQL) {
  ReactDOM.createRoot(root).render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
      defaultTabs: examples.map((query) => ({ query })),
      defaultEditorToolsVisibility: false,
    }),
  );
} else {
  root.textContent = "GraphiQL could not be loaded from the CDN.";
}
