// The registry on GraphQL Yoga. Reads PORT, AWS_REGION, DDB_TABLE_NAME and the SDK's variables.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { loaders } from './loaders.js';
import { resolvers } from './resolvers.js';

const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: () => ({ loaders: loaders() }),
  graphiql: false,
  landingPage: false,
});

createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
