// Sends operations to the server; the results of subscriptions come as server-sent events.

const URL = "graphql";

export function createFetcher() {
  const fetchOnce = GraphiQL.createFetcher({ url: URL });
  // The server answers queries with an event, too, so it does no harm to take one for a subscription.
  return (request, options) =>
    /\bsubscription\b/.test(request.query) ? subscribe(request, options) : fetchOnce(request, options);
}

function subscribe(request, { headers }) {
  return graphqlSse.createClient({ url: URL, headers, retryAttempts: 0 }).iterate(request);
}
