// Batch loaders: each reads many keys with few calls to the table.

import DataLoader from 'dataloader';
import { Artifact } from './artifact.js';
import { ownerId, ownerKey, referenceKey } from './keys.js';
import { getItems, query } from './table.js';

const MAX_KEYS = 100;
const TYPES = { dataset: 'dataset', code: 'code', base_model: 'model' };

/** Loaders that have read nothing yet. */
export function loaders() {
  const artifact = new DataLoader(
    async (ids) => (await getItems(ids)).map((item) => item && new Artifact(item)),
    { maxBatchSize: MAX_KEYS },
  );
  const owner = new DataLoader(
    async (keys) => (await getItems(keys)).map((item) => item?.owner.S),
    { maxBatchSize: MAX_KEYS },
  );
  const made = { artifact, owner };
  made.models = new DataLoader((requests) => modelPages(made, requests));
  return made;
}

/** The artifact of a type that an id, url or name means now, or null. */
export async function find({ artifact, owner }, type, by, value, hint) {
  if (by === 'id') return typed(await artifact.load(value), type);
  if (hint) {
    const proposed = await artifact.load(ownerId(hint));
    if (isStill(proposed, by, value, hint)) return proposed;
  }
  const owned = await owner.load(ownerKey(type, by, value));
  if (!owned) return null;
  const found = await artifact.load(ownerId(owned));
  return isStill(found, by, value, owned) ? found : null;
}

/** What a model's references of a kind resolve to, in their order. */
export async function linked(loaders, model, kind) {
  const found = await Promise.all(of(model, kind).map((reference) => follow(loaders, reference)));
  return found.filter((artifact) => artifact !== null);
}

/** What the first reference that resolves points to. */
export async function firstLinked(loaders, model, kind) {
  for (const reference of of(model, kind)) {
    const found = await follow(loaders, reference);
    if (found) return found;
  }
  return null;
}

/** The first artifacts of a type, by name. */
export async function listed(type, first) {
  const items = await query('by_name', 'artifact_type', type, first + 1);
  return cut(items.map((item) => new Artifact(item)), first);
}

/** The ids of the first models that link to an artifact, in order. */
async function modelIds({ owner }, { target, first }) {
  const type = target.item.artifact_type.S;
  const named = await owner.load(ownerKey(type, 'name', target.name));
  const keys = [referenceKey(type, 'id', target.id), referenceKey(type, 'url', target.url)];
  if (named && ownerId(named) === target.id) keys.push(referenceKey(type, 'name', target.name));
  const entries = await Promise.all(
    keys.map((key) => query('by_reference', 'reference', key, first + 1)),
  );
  return [...new Set(entries.flat().map((entry) => entry.model_id.S))].sort().slice(0, first + 1);
}

/** A page of models for each request; all of them are read together. */
async function modelPages(loaders, requests) {
  const ids = await Promise.all(requests.map((request) => modelIds(loaders, request)));
  return Promise.all(
    ids.map(async (page, at) => {
      const models = await loaders.artifact.loadMany(page);
      return cut(models.filter((model) => model !== undefined), requests[at].first);
    }),
  );
}

const of = (model, kind) => model.references.filter((reference) => reference[0] === kind);

const follow = (loaders, [kind, by, value, hint]) =>
  find(loaders, TYPES[kind], by, value, hint);

const typed = (artifact, type) => (artifact?.item.artifact_type.S === type ? artifact : null);

const isStill = (artifact, by, value, owner) =>
  artifact && (by === 'name' ? artifact.item.named_key.S === owner : artifact.url === value);

const cut = (nodes, first) => ({
  nodes: nodes.slice(0, first),
  pageInfo: { hasNextPage: nodes.length > first },
});
