// Items of the table as plain objects.

/** The object that an item's attributes hold. */
export function decode(attributes) {
  const object = {};
  for (const name in attributes) object[name] = decodeValue(attributes[name]);
  return object;
}

function decodeValue(value) {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.L !== undefined) return value.L.map(decodeValue);
  return decode(value.M);
}

/** The attributes for an object's properties; those without a value are left out. */
export function encode(object) {
  const attributes = {};
  for (const [name, value] of Object.entries(object)) {
    if (value !== undefined && value !== null) attributes[name] = encodeValue(value);
  }
  return attributes;
}

function encodeValue(value) {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (Array.isArray(value)) return { L: value.map(encodeValue) };
  return { M: encode(value) };
}
