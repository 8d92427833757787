// The schema on GraphQL Yoga. Reads PORT, AWS_REGION, DDB_TABLE_NAME and the SDK's variables.

import { createServer } from 'node:http';
import { createYoga } from 'graphql-yoga';
import { createContext } from './loaders.js';
import { schema } from './schema.js';

const yoga = createYoga({
  schema,
  context: createContext,
  logging: false,
  graphiql: false,
  landingPage: false,
  cors: false,
  multipart: false,
});

createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
