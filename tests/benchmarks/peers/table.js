// Reads and writes the servers' own table with the AWS SDK.

import http from 'node:http';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { decode, encode } from './items.js';
import { projectionParameters } from './projection.js';

const TABLE = process.env.DDB_TABLE_NAME;
const client = new DynamoDBClient({
  region: process.env.AWS_REGION,
  requestHandler: { httpAgent: new http.Agent({ keepAlive: true, maxSockets: 64 }) },
});

// Answers are read as they are: the SDK would walk through every attribute, looking for binaries.
const { protocol } = client.config;
const readAnswer = protocol.deserializeResponse.bind(protocol);
protocol.deserializeResponse = async (operation, context, response) => {
  if (response.statusCode !== 200) return readAnswer(operation, context, response);
  const body = await context.streamCollector(response.body);
  return { ...JSON.parse(Buffer.from(body).toString()), $metadata: {} };
};

/** The items with these ids, in the ids' order; undefined for what is not there. */
export async function getItems(ids, attributes) {
  const found = new Map();
  const Keys = ids.map((id) => ({ id: { S: id } }));
  let request = { [TABLE]: { Keys, ConsistentRead: true, ...projectionParameters(attributes) } };
  while (request) {
    const answer = await client.send(new BatchGetItemCommand({ RequestItems: request }));
    for (const item of answer.Responses[TABLE]) found.set(item.id.S, decode(item));
    const left = answer.UnprocessedKeys;
    request = left && Object.keys(left).length > 0 ? left : null;
  }
  return ids.map((id) => found.get(id));
}

/** The items of an index whose keys have these values; the first ones, if there is a limit. */
export async function queryItems(index, keys, attributes, limit = Infinity) {
  const items = [];
  const parameters = { TableName: TABLE, IndexName: index, ...conditionParameters(keys, attributes) };
  let start;
  do {
    const Limit = limit === Infinity ? undefined : limit - items.length;
    const answer = await client.send(
      new QueryCommand({ ...parameters, Limit, ExclusiveStartKey: start }),
    );
    for (const item of answer.Items) items.push(decode(item));
    start = answer.LastEvaluatedKey;
  } while (start && items.length < limit);
  return items;
}

/** Put all these objects as items or none; none of their ids may exist. */
export async function putItems(objects) {
  const TransactItems = objects.map((object) => ({
    Put: {
      TableName: TABLE,
      Item: encode(object),
      ConditionExpression: 'attribute_not_exists(id)',
    },
  }));
  await client.send(new TransactWriteItemsCommand({ TransactItems }));
}

function conditionParameters(keys, attributes) {
  const { ProjectionExpression, ExpressionAttributeNames } = projectionParameters(attributes);
  const names = Object.keys(keys);
  return {
    KeyConditionExpression: names.map((name) => `#${name} = :${name}`).join(' AND '),
    ProjectionExpression,
    ExpressionAttributeNames: {
      ...ExpressionAttributeNames,
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, { S: keys[name] }])),
  };
}
