// Registers a model: looks up its url and what it links to, then writes its items in one
// transaction.

import { randomBytes } from 'node:crypto';
import { linkKey, normalise, urlKey } from './keys.js';
import { findNamed, findOwner, oldest } from './loaders.js';
import { getItems, putItems } from './table.js';

/** The payload of registerModel. */
export async function registerModel(input) {
  const [owner, datasets, codes, baseModels] = await Promise.all([
    findOwner('MODEL', input.url),
    resolveAll('DATASET', input.datasets),
    resolveAll('CODE', input.codes),
    resolveAll('MODEL', input.baseModels),
  ]);
  if (owner) return refused((await getItems([owner], ['id', 'type', 'name', 'url']))[0]);
  const model = createModel(input, { datasets, codes, baseModels });
  await putItems([model, ...sideItems(model)]);
  return { model, userErrors: [] };
}

const refused = (artifact) => ({
  model: null,
  userErrors: [
    {
      code: 'ALREADY_EXISTS',
      message: `The model ${artifact.id} already has this url.`,
      field: ['input', 'url'],
      artifact,
    },
  ],
});

/** The ids of the artifacts that references mean; those that mean none are left out. */
async function resolveAll(type, references = []) {
  const ids = await Promise.all(references.map((reference) => resolve(type, reference)));
  return ids.filter((id) => id !== undefined);
}

async function resolve(type, { id, url, name }) {
  if (name !== undefined) return oldest(await findNamed(type, name, ['id']))?.id;
  if (url !== undefined) return findOwner(type, url);
  const [found] = await getItems([id], ['id', 'type']);
  return found?.type === type ? id : undefined;
}

function createModel({ url, name, downloadUrl, license, tags, rating }, links) {
  const now = new Date().toISOString();
  return {
    id: uuid7(),
    type: 'MODEL',
    nameKey: normalise(name),
    name,
    url,
    downloadUrl,
    license,
    tags: tags ?? [],
    version: 1,
    createdAt: now,
    updatedAt: now,
    rating,
    ...links,
  };
}

/** The items that find a model by its url, and by what it links to. */
function sideItems({ id, url, datasets, codes, baseModels }) {
  const targets = new Set([...datasets, ...codes, ...baseModels]);
  return [
    { id: urlKey('MODEL', url), owner: id },
    ...[...targets].map((target) => ({ id: linkKey(target, id), target, model: id })),
  ];
}

function uuid7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
