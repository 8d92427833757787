// Connects the parts of the page: its URL's fragment, live updates, deletion and its undo.
import { follow, send, showError } from "./api.js";
import { showArtifact } from "./artifact.js";
import { find, make, spell } from "./dom.js";
import { refresh, reload } from "./listing.js";
import "./registration.js";
let timer = 0;
const notify = (...content) => find("#notice").replaceChildren(...content);
const readId = () => location.hash.slice(1);
async function route() {
  [find("#artifact").hidden, find("#catalogue").hidden] = [!readId(), Boolean(readId())];
  if (!readId()) return;
  find("#artifact").replaceChildren();
  await showArtifact(readId(), remove);
  find("#artifact").focus({ preventScroll: true });
  scrollTo(0, 0);
}

async function change(mutation, { id, name }) {
  const query = `mutation ($id: ID!) { result: ${mutation}(id: $id) { userErrors { message } } }`;
  const { result } = await send(query, { id }).catch(showError) ?? {};
  if (!result || result.userErrors.length) return result?.userErrors.forEach(showError);
  const undo = make("button", { onclick: () => change("restoreArtifact", { id, name }) }, "Undo");
  notify(...(mutation === "deleteArtifact" ? ["Deleted ", make("bdi", {}, name), " ", undo] : []));
  location.hash = mutation === "deleteArtifact" ? "" : id;
}
const remove = (artifact) => change("deleteArtifact", artifact);

addEventListener("hashchange", route);
find("#token").addEventListener("change", () => reload());
reload();
route();
follow({
  onState: (state) => Object.assign(find("#live"), { textContent: state, className: spell(state) }),
  onChanges: (changes) => {
    for (const { kind, name } of changes.slice(-1)) // an undo stays
      if (!find("#notice button")) notify(`${spell(kind)}: `, make("bdi", {}, name));
    clearTimeout(timer); // one update for many changes
    timer = setTimeout(() => { refresh(); if (readId()) showArtifact(readId(), remove); }, 150);
  },
});
