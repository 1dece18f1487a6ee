// What the behaviours see differently when a server differs: the comparison can fail.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newClient } from 'nekube/client';
import { open } from './levels.mjs';
import { observe } from './observe.mjs';
import { recorded } from './recorded.mjs';
import { tables } from './tables.mjs';

let place;
before(async () => {
  place = await open('fake');
});
after(() => place?.stop());

/** Each: a behaviour, and what a server would do otherwise. */
const differences = [
  [
    'crud',
    'a created object has what the server adds, and is read as it was answered',
    'another code',
    { status: 200 },
  ],
  [
    'crud',
    'defaults stand in what is answered and in what is read',
    'a default that is missing',
    text('"revisionHistoryLimit":10,', ''),
  ],
  ['crud', 'what is not there is not found', 'another message', text('not found', 'is not there')],
  [
    'crud',
    'an update that changes nothing keeps the resourceVersion',
    'a new revision',
    onlyFor('PUT', text(/"resourceVersion":"(\d+)"/, '"resourceVersion":"9$1"')),
  ],
  ['crud', 'a generated name has the prefix and five characters', 'a longer name', text(/"made-/g, '"made-x')],
  [
    'apply',
    'force takes the field over, and the other owns it no more',
    'an owner that stays',
    text('"operation":"Apply"', '"operation":"Update"'),
  ],
  ['fields', 'unknown fields are warned of', 'no warning', { headers: { warning: undefined } }],
  [
    'lists',
    'a list is read in parts, and each says how many are left',
    'a list that ends too soon',
    text(/"continue":"[^"]+",/, ''),
  ],
  [
    'lists',
    'a table has the columns that kubectl shows',
    'a column of another name',
    text('"Up-to-date"', '"Current"'),
  ],
  [
    'watches',
    'a watch tells what happens after a revision, in its order',
    'another type of event',
    text('"type":"MODIFIED"', '"type":"ADDED"'),
  ],
  [
    'endings',
    'an object with a finalizer stays until the last is taken away',
    'an object that is not going',
    text(/"deletionTimestamp":"[^"]+",/, ''),
  ],
  [
    'runtime',
    'an informer has what was there, hears what changes, and finds by its indexes',
    'an object that is another',
    text(/"team":"red"/g, '"team":"blue"'),
  ],
];

for (const [table, name, what, change] of differences)
  test(`${what} is seen by: ${name}`, async () => {
    const behaviour = tables[table].find((one) => one.name === name);
    const expected = recorded(table)[name];
    assert.deepEqual(await observe(place, behaviour), expected);
    assert.notDeepEqual(await observe(lying(place, change), behaviour), expected);
  });

/** A server whose answers are changed. */
function lying({ env, clientOf }, change) {
  const transport = lyingTransport(env.client.transport, change);
  const client = newClient(transport);
  const { clock } = env;
  const eventually = (...args) => env.eventually(...args);
  return { env: { client, clock, eventually, namespace: (prefix) => env.namespace(prefix) }, clientOf };
}

function lyingTransport(transport, change) {
  const send = async (request) => {
    const answer = await transport.send(request);
    const {
      status = answer.status,
      headers,
      body = (chunks) => chunks,
    } = typeof change === 'function' ? change(request) : change;
    return { status, headers: { ...answer.headers, ...headers }, body: body(answer.body) };
  };
  return { url: transport.url, send, close: async () => {} };
}

/** Answers in which a text is replaced; each chunk of a watch has whole events. */
function text(what, by) {
  return {
    body: async function* (chunks) {
      for await (const chunk of chunks) yield Buffer.from(Buffer.from(chunk).toString('utf8').replace(what, by));
    },
  };
}

function onlyFor(method, change) {
  return (request) => (request.method === method ? change : {});
}
