// The schema on Mercurius with its JIT compiler. Reads the same variables as yoga.js.

import Fastify from 'fastify';
import mercurius from 'mercurius';
import { createContext } from './loaders.js';
import { schema } from './schema.js';

const app = Fastify({ logger: false });
app.register(mercurius, { schema, context: createContext, jit: 1, graphiql: false });

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
