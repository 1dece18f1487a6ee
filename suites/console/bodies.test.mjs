// What is sent to the console that no page of it sends: the answer names what is wrong with it, and the console goes on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { signIn } from './browser.mjs';

const named = (metadata = {}, more = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default', ...metadata },
  data: { a: 'b' },
  ...more,
});
const POSTS = ['/console/plan', '/console/apply', '/console/edit/plan', '/console/edit/apply'];
const nested = (depth, [open, close], inmost = '') => open.repeat(depth) + inmost + close.repeat(depth);

/** By what is wrong: the object, and what the answer says. */
const OBJECTS = {
  'a namespace that is an object': [named({ namespace: {} }), 'object.metadata.namespace must be a text'],
  'a namespace that is a number': [named({ namespace: 1 }), 'object.metadata.namespace must be a text'],
  'a namespace with a slash': [named({ namespace: 'a/b' }), 'object.metadata.namespace must be a name'],
  'a namespace that leads upwards': [named({ namespace: '..' }), 'object.metadata.namespace must be a name'],
  'a name that is a list': [named({ name: ['a'] }), 'object.metadata.name must be a text'],
  'a name with a percent sign': [named({ name: 'a%2f' }), 'object.metadata.name must be a name'],
  'no name': [named({ name: null }), 'object.metadata.name must be there'],
  'labels that are a text': [named({ labels: 'a=b' }), 'object.metadata.labels must be an object of texts'],
  'a label that is a number': [named({ labels: { a: 1 } }), 'object.metadata.labels["a"] must be a text'],
  'annotations that are a list': [named({ annotations: [] }), 'object.metadata.annotations must be an object of texts'],
  'a resourceVersion that is a number': [
    named({ resourceVersion: 5 }),
    'object.metadata.resourceVersion must be a text',
  ],
  'a uid that is an object': [named({ uid: {} }), 'object.metadata.uid must be a text'],
  'owners that are none': [
    named({ ownerReferences: [1] }),
    'object.metadata.ownerReferences must be a list of objects',
  ],
  'finalizers that are an object': [named({ finalizers: {} }), 'object.metadata.finalizers must be a list of texts'],
  'metadata that is a list': [named({}, { metadata: [] }), 'object.metadata must be there'],
  'no metadata': [named({}, { metadata: null }), 'object.metadata must be there'],
  'an apiVersion that is an object': [named({}, { apiVersion: {} }), 'object.apiVersion must be there'],
  'an apiVersion of three parts': [named({}, { apiVersion: 'a/b/c' }), 'object.apiVersion must be there'],
  'an empty kind': [named({}, { kind: '' }), 'object.kind must be there'],
  'a list for an object': [[], 'object must be an object'],
  'nothing for an object': [null, 'object must be an object'],
};

/** By what is wrong: the whole body, and what the answer says. */
const BODIES = {
  'no JSON': ['{', 'the body must be JSON'],
  'no UTF-8': [Buffer.from([0x7b, 0xff, 0x7d]), ''],
  'a number that nothing can hold': ['{"object":1e999}', 'the body must be JSON'],
  'brackets in brackets': [`{"object":${nested(20_000, '[]')}}`, 'the body must be JSON'],
  'an object in objects': [
    `{"object":{"apiVersion":"v1","kind":"A","metadata":{"name":"a"},"spec":${nested(9000, ['{"a":', '}'], '1')}}}`,
    'object must not be nested deeper than 1000',
  ],
  'a list in lists': [
    `{"object":{"apiVersion":"v1","kind":"A","metadata":{"name":"a"},"spec":${nested(9000, '[]')}}}`,
    'object must not be nested deeper than 1000',
  ],
  'an object that is only inherited': ['{"__proto__":{"object":{}}}', 'object must be an object'],
  'an object whose parts are inherited': [
    '{"object":{"__proto__":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}}}',
    'object.apiVersion must be there',
  ],
};

/** JSON of any shape, where names of fields that mean something are as likely as others. */
const name = fc.constantFrom(
  'object',
  'yaml',
  'base',
  'metadata',
  'name',
  'namespace',
  'kind',
  'data',
  '__proto__',
  'x',
);
const { value: anything } = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.constantFrom('v1', 'ConfigMap', 'default', '', '..', null, true, 5), fc.string()),
  value: fc.oneof({ depthSize: 'small' }, tie('leaf'), fc.array(tie('value')), tie('record')),
  record: fc.array(fc.tuple(name, tie('value'))).map((members) => {
    const text = members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join();
    return JSON.parse(`{${text}}`);
  }),
}));

describe('a body', () => {
  let env;
  let running;
  let browser;

  before(async () => {
    env = await start();
    running = await startConsole({ transport: env.client.transport, listen: { host: '127.0.0.1', port: 0 } });
    browser = await signIn(running.link());
  });
  after(async () => {
    await running?.close();
    await env?.stop();
  });

  const post = (path, body) => browser.fetch(path, { method: 'POST', body });

  const isRefused = async (path, body, why) => {
    const refused = await post(path, body);
    const { reason, message } = refused.json();
    assert.equal(`${refused.code} ${reason}`, '400 BadRequest', `${path}: ${message}`);
    assert.ok(message.includes(why), `${path}: ${message}`);
  };

  for (const [what, [object, why]] of Object.entries(OBJECTS))
    test(`with ${what} is refused, and told where`, async () => {
      for (const path of POSTS) await isRefused(path, { object }, why);
    });

  test('whose base is wrong is refused, and told where', async () => {
    const body = { object: named(), base: named({ namespace: {} }) };
    await isRefused('/console/edit/plan', body, 'base.metadata.namespace must be a text');
  });

  for (const [what, [body, why]] of Object.entries(BODIES))
    test(`with ${what} is refused`, async () => {
      for (const path of [...POSTS, '/console/blame']) await isRefused(path, body, why);
    });

  test('with decisions in lists is refused', async () => {
    const body = `{"object":${JSON.stringify(named())},"decide":${nested(9000, '[]')}}`;
    for (const path of POSTS) await isRefused(path, body, 'decide must be lists of texts');
  });

  test('whose YAML unfolds to very much is refused', async () => {
    const letters = [...'abcdefgh'];
    const lines = letters.map((one, i) => `${one}: &${one} [${Array(9).fill(i === 0 ? 'x' : `*${letters[i - 1]}`)}]`);
    for (const path of ['/console/plan', '/console/blame'])
      await isRefused(path, { yaml: lines.join('\n') }, 'excessive aliasing');
  });

  test('of more than 3 MiB is refused', async () => {
    for (const path of [...POSTS, '/console/blame']) {
      const refused = await post(path, { object: named({}, { data: { a: 'x'.repeat(3 * 1024 * 1024) } }) });
      assert.equal(`${refused.code} ${refused.json().reason}`, '413 RequestEntityTooLarge');
    }
  });

  test('that states a field twice means the last, as for an API server', async () => {
    const twice = JSON.stringify({ object: named({ name: 'twice' }) }).replace('"a":"b"', '"a":"1","a":"2"');
    assert.equal((await post('/console/apply', twice)).code, 200);
    const live = await env.client.get({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace: 'default', name: 'twice' });
    assert.deepEqual(live.data, { a: '2' });
  });

  test('with values called as what all objects inherit has just these values', async () => {
    const data = JSON.parse('{"__proto__":"1","constructor":"2","toString":"3"}');
    const object = named({ name: 'odd-keys' }, { data });
    const { code, json } = await post('/console/apply', { object });
    assert.equal(code, 200, json().message);
    assert.deepEqual(Object.entries(json().object.data), Object.entries(data));
  });

  test('that does not fit the kind is no failure of the server', async () => {
    const refused = await post('/console/apply', { object: named({}, { data: 'x' }) });
    assert.equal(`${refused.code} ${refused.json().reason}`, '422 Invalid');
    assert.match(refused.json().message, /\.data: expected map/);
  });

  test('of whatever shape is answered, and with no failure of the server', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...POSTS, '/console/blame'), anything, async (path, body) => {
        const { code, text } = await post(path, JSON.stringify(body));
        assert.ok(code < 500, `${code} ${text}`);
      }),
      { numRuns: 300 },
    );
    assert.equal((await browser.fetch('/console/session')).code, 200);
  });
});
