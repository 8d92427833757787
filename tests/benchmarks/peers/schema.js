// The schema with its resolvers, for both servers; plain fields are properties of the artifact.

import { readFileSync } from 'node:fs';
import { GraphQLScalarType } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { findArtifact, listArtifacts, listModels, loadAll, loadFirst } from './loaders.js';
import { registerModel } from './register.js';

const find = (type) => (_, { by }, context, info) => findArtifact(context, type, by, info);
const list = (type) => (_, { first }, _context, info) => listArtifacts(type, first, info);
const first = (links) => (model, _, context, info) => loadFirst(context, model[links], info);
const every = (links) => (model, _, context, info) => loadAll(context, model[links], info);
const models = (target, { first }, context, info) => listModels(context, target.id, first, info);

const url = (value) => {
  new URL(value); // throws if it is not absolute
  return value;
};

const resolvers = {
  Query: {
    model: find('MODEL'),
    dataset: find('DATASET'),
    code: find('CODE'),
    models: list('MODEL'),
    datasets: list('DATASET'),
    codes: list('CODE'),
  },
  Mutation: {
    registerModel: (_, { input }) => registerModel(input),
  },
  Artifact: {
    __resolveType: ({ type }) => type[0] + type.slice(1).toLowerCase(),
  },
  Model: {
    dataset: first('datasets'),
    code: first('codes'),
    baseModel: first('baseModels'),
    datasets: every('datasets'),
    codes: every('codes'),
    baseModels: every('baseModels'),
  },
  Dataset: { models },
  Code: { models },
  URL: new GraphQLScalarType({ name: 'URL', parseValue: url }),
};

const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

export const schema = createSchema({ typeDefs, resolvers });
