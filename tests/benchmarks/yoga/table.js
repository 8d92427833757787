// Reads and writes the registry's table with the AWS SDK.

import http from 'node:http';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

const TABLE = process.env.DDB_TABLE_NAME;
const client = new DynamoDBClient({
  region: process.env.AWS_REGION,
  requestHandler: { httpAgent: new http.Agent({ keepAlive: true, maxSockets: 64 }) },
});

/** The items that have these keys, in the keys' order; undefined for what is not there. */
export async function getItems(keys) {
  const found = new Map();
  let request = {
    [TABLE]: { Keys: keys.map((key) => ({ artifact_id: { S: key } })), ConsistentRead: true },
  };
  while (request) {
    const answer = await client.send(new BatchGetItemCommand({ RequestItems: request }));
    for (const item of answer.Responses[TABLE]) found.set(item.artifact_id.S, item);
    const left = answer.UnprocessedKeys;
    request = left && Object.keys(left).length > 0 ? left : null;
  }
  return keys.map((key) => found.get(key));
}

/** The first items of an index's partition. */
export async function query(index, attribute, value, limit) {
  const items = [];
  let start;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: TABLE,
        IndexName: index,
        KeyConditionExpression: '#p = :p',
        ExpressionAttributeNames: { '#p': attribute },
        ExpressionAttributeValues: { ':p': { S: value } },
        Limit: limit - items.length,
        ExclusiveStartKey: start,
      }),
    );
    items.push(...answer.Items);
    start = answer.LastEvaluatedKey;
  } while (start && items.length < limit);
  return items;
}

/** Do all actions or none. */
export async function transact(actions) {
  const named = actions.map((action) =>
    Object.fromEntries(
      Object.entries(action).map(([of, rest]) => [of, { TableName: TABLE, ...rest }]),
    ),
  );
  await client.send(new TransactWriteItemsCommand({ TransactItems: named }));
}
