// Sends requests to the registry, follows its changes, and shows what fails.
import { find, make } from "./dom.js";
const url = `${find("meta[name=registry]").content}/graphql`;
const join = (errors) => errors.map(({ message }) => message).join(" ");
// Returns the data. Errors beside data are shown; the fields that they concern are null.
export async function send(query, variables, signal) {
  const headers = { "content-type": "application/json" };
  if (find("#token").value) headers.authorization = `Bearer ${find("#token").value.trim()}`;
  const body = JSON.stringify({ query, variables });
  const response = await fetch(url, { method: "POST", headers, body, signal }).catch((error) => {
    throw signal?.aborted ? error : new Error("The registry cannot be reached. Check the connection, and try again.");
  });
  const { data, errors = data ? [] : [{ message: `The registry answered ${response.status}.` }] } = await response.json().catch(() => signal?.throwIfAborted() ?? {});
  const seconds = response.headers.get("retry-after");
  const error = new Error(join(errors) + (seconds ? ` Try again in ${seconds} s.` : ""));
  if (!data) throw error;
  if (errors.length) showError(error);
  return data;
}

export function showError(error) {
  if (error.name === "AbortError") return; // it was replaced by another request
  const dismiss = make("button", { "aria-label": "Dismiss", onclick: () => find("#errors").replaceChildren() }, "×");
  find("#errors").replaceChildren(make("p", {}, error.message, dismiss));
}
// Follows changes for ever. An EventSource connects again by itself, with the id of the last event, which is its
// cursor; after a response that is no stream it gives up. It cannot send a token: see docs/api.md for what can.
export function follow(handlers, after = null) {
  const query = "subscription ($after: String) { changes(after: $after) { changes { name kind } cursor } }";
  const source = new EventSource(`${url}?${new URLSearchParams({ query, variables: JSON.stringify({ after }) })}`);
  const restart = () => { source.close(); setTimeout(follow, 1000 + Math.random() * 2000, handlers, after); };
  source.onerror = () => { handlers.onState("Reconnecting"); if (source.readyState === EventSource.CLOSED) restart(); };
  source.addEventListener("next", (event) => {
    const { data, errors } = JSON.parse(event.data);
    if (errors?.some(({ extensions }) => /CURSOR/.test(extensions?.code))) [after] = [null, handlers.onChanges([])];
    if (!data) return restart();
    after = data.changes.cursor;
    handlers.onState("Live");
    if (data.changes.changes.length) handlers.onChanges(data.changes.changes);
  });
}
