// The normalised caches of Apollo Client and of Relay, with one interface: `send` requests from the
// network, `read` returns what the cache has, or null if a field is missing and the answer may not be
// partial, and `follow` subscribes.
const { readFileSync } = require("node:fs");
const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable, gql } = require("@apollo/client");
const {
  buildSchema, getNamedType, getNullableType, isAbstractType, isCompositeType, isListType, isObjectType, print,
} = require("graphql");
const { createClient } = require("graphql-sse");
const relay = require("relay-runtime");

const schema = buildSchema(readFileSync("schema.graphql", "utf8"));
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
const load = (name) => require(`../generated/relay/caches${name}.graphql.js`);

// Ends with an error, and is not sent again: that would have the old cursor.
const connect = (url) => createClient({ url, retryAttempts: 0 });

// An object without an id belongs to the object that has it, and is merged. Lists are replaced.
function toTypePolicy(type) {
  const fields = Object.values(type.getFields()).filter(
    (field) => isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type)),
  );
  const policies = Object.fromEntries(fields.map(({ name }) => [name, { merge: false }]));
  const isRoot = [schema.getQueryType(), schema.getMutationType()].includes(type);
  return { ...(type.getFields().id || isRoot ? {} : { merge: true }), fields: policies };
}

class ApolloStore {
  constructor(url) {
    const sse = connect(url);
    const streams = new ApolloLink(({ operationName, query, variables }) => new Observable((sink) =>
      sse.subscribe({ operationName, query: print(query), variables }, sink)));
    const isSubscription = ({ operationType }) => operationType === "subscription";
    const link = ApolloLink.split(isSubscription, streams, new HttpLink({ uri: url }));
    const possibleTypes = types.filter(isAbstractType)
      .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]);
    const typePolicies = types.filter(isObjectType).map((type) => [type.name, toTypePolicy(type)]);
    this.cache = new InMemoryCache({
      possibleTypes: Object.fromEntries(possibleTypes), typePolicies: Object.fromEntries(typePolicies),
    });
    this.client = new ApolloClient({ cache: this.cache, link });
  }
  toDocument = (name) => gql(load(name).params.text);
  async send(name, variables) {
    const document = this.toDocument(name);
    const { data, error } = name.endsWith("Mutation")
      ? await this.client.mutate({ mutation: document, variables })
      : await this.client.query({ query: document, variables, fetchPolicy: "network-only" });
    if (error) throw error;
    return data;
  }
  read(name, variables, isPartial = false) {
    return this.cache.readQuery({ query: this.toDocument(name), variables, returnPartialData: isPartial });
  }
  follow(name, variables, onData) {
    const events = this.client.subscribe({ query: this.toDocument(name), variables });
    const subscription = events.subscribe({ next: ({ data, error }) => onData(error ?? null, data), error: onData });
    return () => subscription.unsubscribe();
  }
}

class RelayStore {
  constructor(url) {
    const sse = connect(url);
    const fetchFunction = async ({ text, name }, variables) => {
      const body = JSON.stringify({ query: text, operationName: name, variables });
      const headers = { "content-type": "application/json" };
      return (await fetch(url, { method: "POST", headers, body })).json();
    };
    const subscribeFunction = ({ text, name }, variables) => relay.Observable.create((sink) =>
      sse.subscribe({ operationName: name, query: text, variables }, sink));
    this.environment = new relay.Environment({
      network: relay.Network.create(fetchFunction, subscribeFunction),
      store: new relay.Store(new relay.RecordSource(), { gcReleaseBufferSize: 100 }),
    });
  }
  async send(name, variables) {
    if (!name.endsWith("Mutation"))
      return relay.fetchQuery(this.environment, load(name), variables).toPromise();
    return new Promise((resolve, reject) => relay.commitMutation(this.environment,
      { mutation: load(name), variables, onCompleted: resolve, onError: reject }));
  }
  read(name, variables, isPartial = false) {
    const operation = relay.createOperationDescriptor(load(name), variables);
    this.environment.retain(operation);
    const { data, isMissingData } = this.environment.lookup(operation.fragment);
    return isMissingData && !isPartial ? null : data;
  }
  follow(name, variables, onData) {
    const subscription = relay.requestSubscription(this.environment,
      { subscription: load(name), variables, onNext: (data) => onData(null, data), onError: onData });
    return () => subscription.dispose();
  }
}

module.exports = { ApolloStore, RelayStore, load };
