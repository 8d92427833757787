// Reads all models page by page, with Relay's pagination: node pages.js URL COUNT
const assert = require("node:assert");
const {
  Environment,
  Network,
  RecordSource,
  Store,
  createOperationDescriptor,
  fetchQuery,
  getPaginationMetadata,
  getPaginationVariables,
  getSelector,
} = require("relay-runtime");
const query = require("../generated/relay/modelsQuery.graphql.js");
const fragment = require("../generated/relay/models_page.graphql.js");
const row = require("../generated/relay/models_row.graphql.js");

const [url, count] = [process.argv[2], Number(process.argv[3])];

async function send({ text }, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: text, variables }),
  });
  return response.json();
}

const environment = new Environment({
  network: Network.create(send),
  store: new Store(new RecordSource()),
});
const operation = createOperationDescriptor(query, { count });
const retained = environment.retain(operation);

const read = (fragmentNode, reference) =>
  environment.lookup(getSelector(fragmentNode, reference)).data;
const readModels = () => read(fragment, environment.lookup(operation.fragment).data).models;

const { paginationRequest, paginationMetadata } = getPaginationMetadata(fragment, "pages");

async function main() {
  await fetchQuery(environment, query, { count }).toPromise();
  const sizes = [readModels().edges.length];
  while (readModels().pageInfo.hasNextPage) {
    const cursor = readModels().pageInfo.endCursor;
    const variables = getPaginationVariables(
      "forward", count, cursor, { count }, {}, paginationMetadata,
    );
    await fetchQuery(environment, paginationRequest, variables).toPromise();
    sizes.push(readModels().edges.length);
  }
  const { data } = await send({ text: "{ models(first: 100) { nodes { name } } }" }, {});
  const models = readModels().edges.map(({ node }) => ({ name: node.name, ...read(row, node) }));
  assert.deepEqual(models.map(({ name }) => name), data.models.nodes.map(({ name }) => name));
  assert.equal(sizes.length, Math.ceil(models.length / count));
  assert.ok(models.some(({ dataset, baseModel }) => dataset.url && baseModel));
  console.log(`Relay read ${sizes.join(", then ")} models with their datasets`);
}

main().finally(() => retained.dispose());
