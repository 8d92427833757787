// Sends operations to the server; the results of subscriptions come as server-sent events.

const URL = "graphql";

export function createFetcher() {
  const fetchOnce = GraphiQL.createFetcher({ url: URL });
  return (request, options) =>
    isSubscription(request, options) ? subscribe(request, options) : fetchOnce(request, options);
}

function isSubscription({ operationName }, { documentAST }) {
  const operations = documentAST?.definitions.filter((each) => each.operation) ?? [];
  const chosen = operations.find((each) => each.name?.value === operationName);
  return (chosen ?? operations[0])?.operation === "subscription";
}

function subscribe(request, { headers }) {
  return graphqlSse.createClient({ url: URL, headers, retryAttempts: 0 }).iterate(request);
}
