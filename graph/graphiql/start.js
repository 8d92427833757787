// Shows the explorer, or that GraphiQL could not be loaded.

// GraphiQL's dialogs read the nonce from here: the style that they insert needs it.
window.__webpack_nonce__ = document.querySelector("script[nonce]").nonce;

const root = document.getElementById("explorer");
if (window.GraphiQL) {
  const { Explorer } = await import("./explorer.js");
  ReactDOM.createRoot(root).render(React.createElement(Explorer));
} else {
  root.textContent = "GraphiQL could not be loaded from the CDN.";
}
