// The keys of the table: names as they are compared, and the ids of items that are no artifacts.

/** The form in which names are equal. */
export const normalise = (name) => name.normalize('NFC').trim().toLowerCase();

/** The id of the item that says which artifact has a url. */
export const urlKey = (type, url) => `${type}#${url}`;

/** The id of the item that says that a model links to an artifact. */
export const linkKey = (target, model) => `${target}#${model}`;
