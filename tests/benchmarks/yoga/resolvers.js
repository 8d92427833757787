// The resolvers; plain fields are properties of the artifact.

import { GraphQLScalarType } from 'graphql';
import { find, firstLinked, linked, listed } from './loaders.js';
import { registerModel } from './register.js';

const by = (type) => (_, { by: given }, { loaders }) => {
  const [[key, value]] = Object.entries(given);
  return find(loaders, type, key, value);
};
const all = (type) => (_, { first }) => listed(type, first);
const first = (kind) => (model, _, { loaders }) => firstLinked(loaders, model, kind);
const every = (kind) => (model, _, { loaders }) => linked(loaders, model, kind);
const models = (target, { first }, { loaders }) => loaders.models.load({ target, first });
const scores = [
  'netScore', 'netScoreLatency', 'rampUpTime', 'rampUpTimeLatency', 'busFactor',
  'busFactorLatency', 'performanceClaims', 'performanceClaimsLatency', 'licenseLatency',
  'datasetAndCodeScore', 'datasetAndCodeScoreLatency', 'datasetQuality',
  'datasetQualityLatency', 'codeQuality', 'codeQualityLatency', 'reproducibilityLatency',
  'reviewednessLatency', 'treeScore', 'treeScoreLatency', 'sizeScore', 'sizeScoreLatency',
];
const sizes = ['raspberryPi', 'jetsonNano', 'desktopPc', 'awsServer'];

/** Resolvers of fields that ratings are stored under in snake case. */
const snaked = (fields) =>
  Object.fromEntries(
    fields.map((field) => {
      const stored = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [field, (rating) => rating[stored]];
    }),
  );

const url = (value) => {
  new URL(value); // throws if it is not absolute
  return value;
};

export const resolvers = {
  Query: {
    model: by('model'),
    dataset: by('dataset'),
    code: by('code'),
    models: all('model'),
    datasets: all('dataset'),
    codes: all('code'),
  },
  Mutation: {
    registerModel: (_, { input }, { loaders }) => registerModel(loaders, input),
  },
  Artifact: {
    __resolveType: ({ type }) => type[0] + type.slice(1).toLowerCase(),
  },
  Model: {
    dataset: first('dataset'),
    code: first('code'),
    baseModel: first('base_model'),
    datasets: every('dataset'),
    codes: every('code'),
    baseModels: every('base_model'),
  },
  Dataset: { models },
  Code: { models },
  ModelRating: snaked(scores),
  SizeScore: snaked(sizes),
  URL: new GraphQLScalarType({ name: 'URL', parseValue: url }),
};
