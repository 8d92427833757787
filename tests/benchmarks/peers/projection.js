// Which attributes of an item a field's selection needs.

const ATTRIBUTES = { dataset: 'datasets', code: 'codes', baseModel: 'baseModels', models: 'id' };
const known = new WeakMap();

/** The attributes for the artifacts that a field selects, sorted, with the id. */
export function projection(info) {
  const { fieldNodes, fragments } = info;
  if (fieldNodes.length > 1) return collect(fieldNodes, fragments);
  let attributes = known.get(fieldNodes[0]);
  if (!attributes) known.set(fieldNodes[0], (attributes = collect(fieldNodes, fragments)));
  return attributes;
}

/** The parameters of a read that returns only these attributes. */
export function projectionParameters(attributes) {
  const names = {};
  const paths = attributes.map((path) => {
    const parts = path.split('.');
    for (const part of parts) names[`#${part}`] = part;
    return parts.map((part) => `#${part}`).join('.');
  });
  return { ProjectionExpression: paths.join(','), ExpressionAttributeNames: names };
}

function collect(nodes, fragments) {
  const attributes = new Set(['id']);
  for (const node of nodes) {
    for (const field of fields(node, fragments)) {
      for (const path of paths(field, fragments)) attributes.add(path);
    }
  }
  return [...attributes].sort();
}

function paths(field, fragments) {
  const name = field.name.value;
  if (name === 'nodes') return collect([field], fragments);
  if (name === 'rating') return ratingPaths(field, fragments);
  return name === 'pageInfo' || name === '__typename' ? [] : [ATTRIBUTES[name] ?? name];
}

const ratingPaths = (field, fragments) =>
  [...fields(field, fragments)].map((score) => `rating.${score.name.value}`);

function* fields(node, fragments) {
  for (const selection of node.selectionSet?.selections ?? []) {
    if (selection.kind === 'Field') yield selection;
    else yield* fields(fragments[selection.name?.value] ?? selection, fragments);
  }
}
