// Reads artifacts with few calls: what a request needs at the same time is read together.

import DataLoader from 'dataloader';
import { normalise, urlKey } from './keys.js';
import { projection } from './projection.js';
import { getItems, queryItems } from './table.js';

const MAX_KEYS = 100;

/** What resolvers share during a request: a loader of artifacts for each set of attributes. */
export const createContext = () => ({ loaders: new Map() });

/** The artifact of a type that has an id, url or name; of several with a name, the oldest. */
export async function findArtifact(context, type, { id, url, name }, info) {
  const attributes = projection(info);
  if (name !== undefined) return oldest(await findNamed(type, name, attributes));
  if (url !== undefined) id = await findOwner(type, url);
  const found = id && (await loaderOf(context, [...new Set([...attributes, 'type'])]).load(id));
  return found?.type === type ? found : null;
}

/** The id of the artifact of a type that has a url. */
export async function findOwner(type, url) {
  const [item] = await getItems([urlKey(type, url)], ['id', 'owner']);
  return item?.owner;
}

/** The artifacts of a type that have a name. */
export const findNamed = (type, name, attributes) =>
  queryItems('by_name', { type, nameKey: normalise(name) }, attributes);

/** The one of some artifacts that was registered first: ids begin with the time. */
export const oldest = (artifacts) =>
  artifacts.reduce((first, next) => (first && first.id < next.id ? first : next), null);

/** A page of the artifacts of a type, by name. */
export const listArtifacts = async (type, first, info) =>
  page(await queryItems('by_name', { type }, projection(info), first + 1), first);

/** A page of the models that link to an artifact, by id. */
export async function listModels(context, target, first, info) {
  const links = await queryItems('by_target', { target }, ['model'], first + 1);
  return page(await loadAll(context, links.map((link) => link.model), info), first);
}

/** The artifacts with these ids that are there. */
export async function loadAll(context, ids, info) {
  const loader = loaderOf(context, projection(info));
  const found = await Promise.all(ids.map((id) => loader.load(id)));
  return found.filter((artifact) => artifact !== undefined);
}

/** The first of the artifacts with these ids that is there. */
export function loadFirst(context, ids, info) {
  if (ids.length === 0) return null;
  if (ids.length === 1) return loaderOf(context, projection(info)).load(ids[0]);
  return loadAll(context, ids, info).then((found) => found[0]);
}

function loaderOf({ loaders }, attributes) {
  const key = attributes.join();
  let loader = loaders.get(key);
  if (!loader) {
    loader = new DataLoader((ids) => getItems(ids, attributes), { maxBatchSize: MAX_KEYS });
    loaders.set(key, loader);
  }
  return loader;
}

const page = (nodes, first) => ({
  nodes: nodes.length > first ? nodes.slice(0, first) : nodes,
  pageInfo: { hasNextPage: nodes.length > first },
});
