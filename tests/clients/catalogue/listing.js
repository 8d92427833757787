// The list of models: search while typing, filters with counts, sort and endless scroll.
import { send, showError } from "./api.js";
import { artifactLink, find, make, replace, showTime } from "./dom.js";
const PAGE = `nodes { id name description license tags updatedAt rating { netScore } } pageInfo { hasNextPage endCursor }`;
const ARGUMENTS = "search: $search, filter: $filter, orderBy: $orderBy";
const FIRST = `query ($search: String, $filter: ModelFilter, $rated: ModelFilter, $orderBy: ModelOrder, $first: Int) {
  models(${ARGUMENTS}, first: $first) { ${PAGE} totalCount
    facets(by: [{ field: TAG, first: 12 }, { field: LICENSE, first: 8 }]) { field values { value count } } }
  rated: models(search: $search, filter: $rated, first: 1) { totalCount } }`;
const NEXT = `query ($search: String, $filter: ModelFilter, $orderBy: ModelOrder, $after: String) {
  models(${ARGUMENTS}, after: $after) { ${PAGE} } }`;
const ORDERS = { "Best match": null, "Name": { field: "NAME" }, "Score": { field: "NET_SCORE", direction: "DESC" },
  "Newest": { field: "CREATED_AT", direction: "DESC" }, "Last changed": { field: "UPDATED_AT", direction: "DESC" } };
const chosen = { TAG: new Set(), LICENSE: new Set(), rated: new Set() };
const [list, more, order] = [find("#models"), find("#more"), find("#order")];
let [controller, cursor, timer] = [new AbortController(), null, 0];
function readVariables() {
  const choose = (field) => (chosen[field].size ? [...chosen[field]] : null); // null is no condition
  const filter = { tags: { any: choose("TAG") }, license: { in: choose("LICENSE") } };
  return { search: find("#search").value, orderBy: ORDERS[order.value],
    filter: { ...filter, rated: chosen.rated.has(true) || null }, rated: { ...filter, rated: true } };
}
// Reads the list from its beginning, as far as it was shown. What was requested before is aborted, so that
// a late response never replaces a newer one.
export async function reload(first = 20) {
  controller.abort();
  const { signal } = (controller = new AbortController());
  const { models, rated } = await send(FIRST, { ...readVariables(), first }, signal).catch(showError) ?? {};
  if (!models) return;
  showFilters([{ field: "rated", values: [{ value: true, count: rated?.totalCount }] }, ...(models.facets ?? [])]);
  find("#count").textContent = `${models.totalCount ?? "Over 100,000"} model${models.totalCount === 1 ? "" : "s"}`;
  replace(list, ...models.nodes.map(toCard));
  showEnd(models.pageInfo);
}
export const refresh = () => reload(Math.min(100, Math.max(20, list.children.length)));

async function loadMore() {
  if (!cursor) return;
  const [{ signal }, { rated, ...variables }, after] = [controller, readVariables(), cursor];
  cursor = null; // so that no page is requested twice
  const { models } = await send(NEXT, { ...variables, after }, signal).catch(showError) ?? {};
  if (models) list.append(...models.nodes.map(toCard));
  if (!signal.aborted) models ? showEnd(models.pageInfo) : (cursor = after);
}

function showEnd({ hasNextPage, endCursor }) {
  cursor = hasNextPage ? endCursor : null;
  more.hidden = !hasNextPage;
  observer.unobserve(more); // observed anew, it is reported again if it is still in sight
  observer.observe(more);
}
const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && loadMore(), { rootMargin: "300px" });
const toCard = (model) => make("li", {}, make("h2", {}, artifactLink(model)),
  make("strong", { class: "score" }, model.rating ? model.rating.netScore.toFixed(2) : "not rated"),
  model.description && make("p", {}, model.description),
  make("p", { class: "tags" }, ...[...model.tags.slice(0, 6), model.license ?? "no license"].map((tag) => make("span", {}, tag))),
  make("small", {}, "changed ", showTime(model.updatedAt)));

function showFilters(facets) {
  replace(find("#filters"), ...facets.map(({ field, values }) => {
    const counts = new Map([...chosen[field]].map((value) => [value, 0]));
    for (const { value, count } of values) if (value !== null || field === "LICENSE") counts.set(value, count);
    return make("fieldset", {}, make("legend", {}, { rated: "Rating", TAG: "Tags", LICENSE: "License" }[field]), ...[...counts].map(([value, count]) => toChoice(field, value, count)));
  }));
}

function toChoice(field, value, count) {
  const choose = () => { chosen[field].delete(value) || chosen[field].add(value); reload(); };
  const box = make("input", { type: "checkbox", id: `${field}=${value}`, onclick: choose });
  box.checked = chosen[field].has(value);
  return make("label", {}, box, make("bdi", {}, value === true ? "rated only" : value ?? "none stated"), make("small", {}, `${count ?? "?"}`));
}
order.append(...Object.keys(ORDERS).map((name) => make("option", {}, name)));
[order.onchange, more.onclick] = [() => reload(), loadMore];
find("#search").addEventListener("input", () => {
  location.hash = "";
  clearTimeout(timer);
  timer = setTimeout(reload, 200);
});
