// Compares what the caches of Apollo Client and of Relay hold with the responses of the network,
// before and after changes: node --conditions=development caches/compare.js URL
const assert = require("node:assert");
const { format, isDeepStrictEqual } = require("node:util");
const { __DEV__ } = require("@apollo/client/utilities/environment");
const { loadDevMessages } = require("@apollo/client/dev");
const { ApolloStore, RelayStore, load } = require("./stores.js");

const url = process.argv[2];
const warnings = [];
assert.ok(__DEV__, "Apollo Client warns of lost data only with --conditions=development");
loadDevMessages();
for (const level of ["warn", "error"]) console[level] = (...texts) => warnings.push(format(...texts));

async function request(query, variables) {
  const body = JSON.stringify({ query, variables });
  const headers = { "content-type": "application/json" };
  const { data, errors } = await (await fetch(url, { method: "POST", headers, body })).json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}
const readNetwork = (name, variables) => request(load(name).params.text, variables);

// Removes what the documents of the two clients add by themselves: type names, and ids that the
// query did not ask for.
function toAnswer(selections, value) {
  if (Array.isArray(value)) return value.map((item) => toAnswer(selections, item));
  if (!value || typeof value !== "object" || !selections) return value;
  const fields = selections.flatMap((each) => (each.kind === "InlineFragment" ? each.selections : [each]));
  return Object.fromEntries(fields.filter(({ name }) => value[name] !== undefined)
    .map(({ name, selections: below }) => [name, toAnswer(below, value[name])]));
}
const select = (name, data) => data && toAnswer(load(name).fragment.selections, data);

// Lists the items without an id, by the list that they are in.
function* listItems(value, place = "") {
  if (value === null || typeof value !== "object") return;
  for (const [name, field] of Object.entries(value)) {
    const path = `${value.id ?? place}.${name}`;
    for (const item of Array.isArray(field) ? field : [field]) {
      if (Array.isArray(field) && item && typeof item === "object" && !("id" in item))
        yield { path, item: JSON.parse(JSON.stringify(item, (key, each) => each?.id ?? each)) };
      yield* listItems(item, path);
    }
  }
}

const REGISTER = `mutation ($inputs: [RegisterArtifactInput!]!) {
  registerArtifacts(inputs: $inputs, onConflict: UPDATE) { results { artifact { id } userErrors { field message } } } }`;
async function register(inputs) {
  const { results } = (await request(REGISTER, { inputs })).registerArtifacts;
  assert.deepEqual(results.flatMap(({ userErrors }) => userErrors), []);
  return results.map(({ artifact }) => artifact.id);
}
const remove = (id) => request("mutation ($id: ID!) { deleteArtifact(id: $id) { deletedId } }", { id });

const toProperties = (...pairs) => pairs.map(([key, value]) => ({ key, value }));
const model = (host, fields) => ({ model: { url: `https://${host}/model`, ...fields } });
const code = (host, fields) => ({ code: { url: `https://${host}/code`, ...fields } });

async function prepare(host) {
  const data = (number) => ({ dataset: { url: `https://${host}/data/${number}`, name: `data ${number}`, license: "mit" } });
  const [first, last, training] = await register([data(1), data(2), code(host, { license: "mit" })]);
  const fields = {
    name: "caches", tags: ["a", "b", "c"], properties: toProperties(["a", "1"], ["b", "2"], ["c", "3"]),
    datasets: [{ id: first, role: "TRAINED_ON" }, { id: last }, { name: "unknown" }], codes: [{ id: training, revision: "v1" }],
    baseModels: [{ name: "distilbert/distilgpt2" }], rating: { netScore: 0.5, busFactor: 0.75, sizeScore: { desktopPc: 1 } },
  };
  const [id] = await register([model(host, fields)]);
  return { variables: { model: id, dataset: last, code: training }, dropped: first };
}

async function change(host, { dropped, variables }) {
  await remove(dropped);
  await register([
    { model: { url: `https://${host}/earlier`, name: "aaa", tags: ["z"], baseModels: [{ id: variables.model }] } },
    { dataset: { url: `https://${host}/earlier`, name: "aaa" } },
    { code: { url: `https://${host}/earlier`, name: "aaa" } },
    code(host, { license: "apache-2.0" }),
    model(host, {
      tags: ["c"], properties: toProperties(["b", "4"], ["d", "5"]), rating: { netScore: 0.75, busFactor: 0.5 },
      datasets: [{ id: variables.dataset, role: "FINE_TUNED_ON" }],
    }),
  ]);
}

async function compareQueries(store, host, prepared) {
  const { variables } = prepared;
  const [first, second] = ["FirstQuery", "SecondQuery"];
  const check = async (name) => assert.deepEqual(select(name, store.read(name, variables)), select(name, await readNetwork(name, variables)), name);

  await store.send(first, variables);
  await check(first);
  const before = select(first, await readNetwork(first, variables));
  await change(host, prepared);
  await store.send(second, variables);
  await check(second);

  const known = [...listItems(before), ...listItems(select(first, await readNetwork(first, variables)))];
  const isKnown = ({ path, item }) => known.some((each) => each.path === path && isDeepStrictEqual({ ...each.item, ...item }, each.item));
  const cached = [...listItems(select(first, store.read(first, variables, true)))];
  assert.deepEqual(cached.filter((each) => !isKnown(each)), [], "items that no response had");
  await store.send(first, variables);
  await check(first);
  await check(second);
}

async function compareMutation(store, { variables }) {
  await store.send("RenameMutation", { id: variables.model, name: "caches renamed" });
  for (const name of ["FirstQuery", "SecondQuery"]) {
    const [cached, sent] = [store.read(name, variables), await readNetwork(name, variables)].map((data) => select(name, data));
    assert.deepEqual(cached.model.rating, sent.model.rating, name);
    assert.equal(cached.model.version, sent.model.version);
  }
  const { models } = store.read("FirstQuery", variables);
  assert.equal(models.nodes.find(({ id }) => id === variables.model).name, "caches renamed");
}

// Returns the first batch that is accepted, after which nothing is followed any more.
const followUntil = (store, after, accept) => new Promise((resolve, reject) => {
  const stop = store.follow("ChangesSubscription", { after }, (error, data) => {
    if (error) reject(error);
    else if (accept(data.changes)) setImmediate(() => { stop(); resolve(data.changes); });
  });
});

async function compareLiveUpdate(store, host, { variables }) {
  const { cursor } = await followUntil(store, null, () => true);
  await register([code(host, { name: "renamed code", license: "mit" })]);
  const [earlier] = await register([{ code: { url: `https://${host}/earlier`, name: "aaa" } }]);
  await remove(earlier);
  const { changes } = await followUntil(store, cursor, ({ changes: some }) => some.length > 0);
  assert.equal(changes[0].artifactId, variables.code);
  const { node, codes } = select("FirstQuery", store.read("FirstQuery", variables));
  assert.deepEqual(node, { id: variables.code, name: "renamed code", license: "mit" });
  assert.equal(codes.edges.find((edge) => edge.node.id === variables.code).node.name, "renamed code");
}

async function main() {
  for (const Store of [ApolloStore, RelayStore]) {
    const [store, host] = [new Store(url), `${Store.name.toLowerCase()}.example.org`];
    const prepared = await prepare(host);
    await compareQueries(store, host, prepared);
    await compareMutation(store, prepared);
    await compareLiveUpdate(store, host, prepared);
    await remove(prepared.variables.model);
    console.log(`${Store.name} holds what was sent, before and after changes`);
  }
  assert.deepEqual(warnings, []);
}
main().catch((error) => { console.log(error); process.exitCode = 1; });
