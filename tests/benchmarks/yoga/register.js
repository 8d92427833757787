// Registers a model: reads the owners of its url, name and links, then writes all its items in
// one transaction.

import { randomBytes } from 'node:crypto';
import { Artifact } from './artifact.js';
import { ownerId, ownerKey, referenceId, referenceKey } from './keys.js';
import { transact } from './table.js';

const KINDS = { datasets: 'dataset', codes: 'code', baseModels: 'base_model' };
const ABSENT = 'attribute_not_exists(artifact_id)';

/** The payload of registerModel. */
export async function registerModel({ artifact, owner }, input) {
  const references = asked(input);
  const [taken, ...hints] = await owner.loadMany([
    ownerKey('model', 'url', input.url),
    ...references.map((r) => ownerKey(r.type, r.by, r.value)),
  ]);
  if (taken) return refused(await artifact.load(ownerId(taken)));
  references.forEach((reference, at) => (reference.hint = hints[at]));
  const id = uuid7();
  const item = encode(id, input, references);
  await transact(actions(id, item, input, references));
  return { model: new Artifact(item), userErrors: [] };
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

function asked(input) {
  return Object.entries(KINDS).flatMap(([field, kind]) =>
    (input[field] ?? []).map((reference) => {
      const [[by, value]] = Object.entries(reference);
      return { kind, type: kind === 'base_model' ? 'model' : kind, by, value };
    }),
  );
}

function actions(id, item, input, references) {
  const name = item.bears.S;
  const url = ownerKey('model', 'url', input.url);
  return [
    { Put: { Item: item, ConditionExpression: ABSENT } },
    { Put: { Item: texts({ artifact_id: url, owner: id }), ConditionExpression: ABSENT } },
    {
      Update: {
        Key: texts({ artifact_id: name }),
        UpdateExpression: 'SET #o = if_not_exists(#o, :me), last_since = :since',
        ConditionExpression: 'attribute_not_exists(last_since) OR last_since < :since',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':me': item.named_key, ':since': { S: item.named_key.S.split('#')[0] } },
      },
    },
    { Put: { Item: change(id, item, input) } },
    ...references.map(({ type, by, value }) => {
      const reference = referenceKey(type, by, value);
      const key = referenceId(id, reference);
      return { Put: { Item: texts({ artifact_id: key, reference, model_id: id }) } };
    }),
  ];
}

/** The change that remembers the registration; this server keeps no log of changes. */
function change(id, item, input) {
  const fields = Object.entries(input).map(([name, value]) => [name, null, value]);
  return {
    ...texts({
      artifact_id: `change#${id}#1`,
      artifact_type: 'model',
      name: input.name,
      kind: 'registered',
      at: item.created_at.S,
      fields: JSON.stringify(fields),
    }),
    version: { N: '1' },
  };
}

function encode(id, input, references) {
  const at = new Date().toISOString().replace('Z', '000');
  const { url, name, license, downloadUrl, rating, tags } = input;
  const rows = references.map((r) => [r.kind, r.by, r.value, ...(r.hint ? [r.hint] : [])]);
  const data = downloadUrl ? { url, download_url: downloadUrl } : { url };
  return {
    ...texts({
      artifact_id: id,
      artifact_type: 'model',
      artifact: JSON.stringify({ metadata: { name, id, type: 'model' }, data }),
      url,
      name_normalized: name.trim().toLowerCase(),
      rating: rating && JSON.stringify(snaked(rating)),
      license,
      created_at: `${at}+00:00`,
      updated_at: `${at}+00:00`,
      named_key: `${at}Z#${id}`,
      bears: ownerKey('model', 'name', name),
      references: rows.length > 0 ? JSON.stringify(rows) : undefined,
      ...single(references, 'dataset'),
      ...single(references, 'code'),
    }),
    version: { N: '1' },
    content_version: { N: '1' },
    ...(tags?.length ? { tags: { L: tags.map((tag) => ({ S: tag })) } } : {}),
  };
}

/** The first dataset or code, as the earlier backend kept it. */
function single(references, kind) {
  const first = references.find((reference) => reference.kind === kind);
  if (!first) return {};
  return {
    [`${kind}_id`]: first.hint && ownerId(first.hint),
    [`${kind}_${first.by}`]: first.value,
  };
}

const texts = (values) =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, { S: value }]),
  );

const snaked = (members) =>
  Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      typeof value === 'object' ? snaked(value) : value,
    ]),
  );

function uuid7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
