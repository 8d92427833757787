// The keys of items other than artifacts, and of the indexes.

import { createHash } from 'node:crypto';

/** The form in which names are equal. */
export const normalise = (name) => name.normalize('NFC').trim().toLowerCase();

/** A reference's value as its keys hold it. */
const keyed = (by, value) => (by === 'name' ? normalise(value) : value);

/** The id of the item that says who owns a url or a name. */
export const ownerKey = (type, by, value) => `${by}#${type}#${keyed(by, value)}`;

/** The reverse index's key of what a reference looks for. */
export const referenceKey = (type, by, value) => `to#${type}#${by}#${keyed(by, value)}`;

/** The id of a model's entry in the reverse index. */
export const referenceId = (modelId, key) =>
  `reference#${modelId}#${createHash('sha256').update(key).digest('hex')}`;

/** The owner's id in what an owner item or a hint says: the id, or a time, # and the id. */
export const ownerId = (owner) => owner.slice(owner.indexOf('#') + 1);
