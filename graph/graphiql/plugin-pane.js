// Opens and closes GraphiQL's pane for plugins, which only the buttons in its sidebar can do.

/** Opens the plugin with a title, or closes it if it is open. */
export function togglePlugin(title) {
  document.querySelector(`.graphiql-sidebar [aria-label$=" ${title}"]`).click();
}

/** Returns whether the open pane covers the editors, as explorer.css lets it on phones. */
export function coversEditors() {
  return window.matchMedia("(max-width: 700px)").matches;
}
