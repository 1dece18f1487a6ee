import assert from 'node:assert/strict';
import { createServer as createHttpsServer } from 'node:https';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { DownstreamTls, FilterChain, UpstreamTls } from '../../model/index.ts';
import { certificateSecret, rsaClient, TestCa } from '../testing/certificates.ts';
import { forwardTo, plainChain, routeOf, routeTo, SOURCE } from '../testing/models.ts';
import { rawClient, rawTlsClient } from '../testing/raw.ts';
import { ask, closeServer, eventually, listen, startBackend, startWorld } from '../testing/world.ts';

const ca = new TestCa();
const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

/** A chain that terminates TLS and answers with a text. */
function answering(
  name: string,
  serverNames: readonly string[] | undefined,
  tls: Partial<DownstreamTls> = {},
): FilterChain {
  const direct = routeOf({}, { type: 'direct', statusCode: 200, body: `this is ${name}` });
  const { http } = plainChain([direct]);
  const base = { name, source: SOURCE, tls: { certificates: [name], ...tls }, http };
  return { ...base, ...(serverNames && { serverNames }) };
}

/** What a connection with a server name says, and whose certificate it shows. */
async function visit(
  t: TestContext,
  port: number,
  servername: string,
  options = {},
): Promise<{ said: string; certificate: string }> {
  const client = rawTlsClient(t, port, { servername, ...options });
  let certificate = '';
  client.socket.on('secureConnect', () => {
    certificate = String((client.socket as TLSSocket).getPeerCertificate().subject?.CN);
    client.send(GET);
  });
  const said = await client.end();
  return { said: /this is .*/.exec(said)?.[0] ?? said, certificate };
}

test('a connection goes to the chain of its server name: the exact one, the wildcard, and the rest', async (t) => {
  const names = ['a.example', 'wild.example', 'rest.example'];
  const { port } = await startWorld(t, {
    chains: [
      answering('a.example', ['a.example']),
      answering('wild.example', ['*.example']),
      answering('rest.example', undefined),
    ],
    secrets: names.map((name) => certificateSecret(name, ca.server(name))),
  });
  const who = async (name: string) => Object.values(await visit(t, port, name)).join(', ');
  assert.equal(await who('a.example'), 'this is a.example, a.example');
  assert.equal(await who('B.a.example'), 'this is wild.example, wild.example');
  assert.equal(await who('other.org'), 'this is rest.example, rest.example');
  const plain = rawClient(t, port);
  plain.send(GET);
  assert.equal(await plain.end(), '');
});

test('without a chain for its name a connection ends', async (t) => {
  const { port } = await startWorld(t, {
    chains: [answering('a.example', ['a.example'])],
    secrets: [certificateSecret('a.example', ca.server('a.example'))],
  });
  assert.deepEqual(await visit(t, port, 'b.example'), { said: '', certificate: '' });
});

test('of several certificates the first that fits the name is shown', async (t) => {
  const { port } = await startWorld(t, {
    chains: [answering('a', undefined, { certificates: ['one', 'two'] })],
    secrets: [certificateSecret('one', ca.server('one.example')), certificateSecret('two', ca.server('*.two.example'))],
  });
  assert.equal((await visit(t, port, 'x.two.example')).certificate, '*.two.example');
  assert.equal((await visit(t, port, 'one.example')).certificate, 'one.example');
  assert.equal((await visit(t, port, 'other.example')).certificate, 'one.example');
});

test('a new certificate is shown to who comes, and who is connected hears of nothing', async (t) => {
  const chains = [answering('a', undefined)];
  const first = [certificateSecret('a', ca.server('first.example'))];
  const { port, update } = await startWorld(t, { chains, secrets: first });
  const client = rawTlsClient(t, port, { servername: 'a' });
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('this is a');
  update({ chains, secrets: [certificateSecret('a', ca.server('second.example'))] });
  assert.equal((await visit(t, port, 'a')).certificate, 'second.example');
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('this is a');
});

test('a certificate that is none is refused, and the one before is still shown', async (t) => {
  const chains = [answering('a', undefined)];
  const good = ca.server('good.example');
  const { port, update, plane } = await startWorld(t, { chains, secrets: [certificateSecret('a', good)] });
  update({ chains, secrets: [certificateSecret('a', { cert: good.cert, key: ca.server('x').key })] });
  const [refusal] = plane.state().gateways.get('default/gateway')!.refusals;
  assert.match(refusal!.message, /^its certificate cannot be used: .*key values mismatch/);
  assert.equal((await visit(t, port, 'a')).certificate, 'good.example');
  assert.doesNotMatch(JSON.stringify([...plane.state().gateways]), /PRIVATE/);
});

test('clients must show a certificate that is trusted, or may be let in without', async (t) => {
  const clients = new TestCa('clients');
  const validation = (mode: 'AllowValidOnly' | 'AllowInsecureFallback') => ({ clientValidation: { ca: ['ca'], mode } });
  const { port } = await startWorld(t, {
    chains: [
      answering('strict', ['strict.example'], validation('AllowValidOnly')),
      answering('lax', ['lax.example'], validation('AllowInsecureFallback')),
    ],
    secrets: [
      certificateSecret('strict', ca.server('strict.example')),
      certificateSecret('lax', ca.server('lax.example')),
      clients.secret('ca'),
    ],
  });
  const good = clients.client('me');
  const bad = new TestCa('others').client('me');
  const said = async (name: string, pair?: typeof good) => (await visit(t, port, name, pair)).said;
  assert.equal(await said('strict.example', good), 'this is strict');
  assert.equal(await said('strict.example', bad), '');
  assert.equal(await said('strict.example'), '');
  assert.equal(await said('lax.example', good), 'this is lax');
  assert.equal(await said('lax.example', bad), 'this is lax');
  assert.equal(await said('lax.example'), 'this is lax');
});

test('a client with a wrong signature, that may be let in, is', async (t) => {
  const [trusted, other] = [rsaClient(), rsaClient()];
  const { port } = await startWorld(t, {
    chains: [answering('lax', undefined, { clientValidation: { ca: ['ca'], mode: 'AllowInsecureFallback' } })],
    secrets: [certificateSecret('lax', ca.server('lax.example')), { kind: 'ca', name: 'ca', bundle: trusted.ca }],
  });
  for (const options of [{}, { maxVersion: 'TLSv1.2' }]) {
    assert.equal((await visit(t, port, 'lax.example', { ...other.client, ...options })).said, 'this is lax');
  }
});

/** A server of TLS that says who it is. */
async function tlsBackend(t: TestContext, name: string): Promise<number> {
  const server = createTlsServer(ca.server(name), (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(`this is ${name}`));
  });
  server.on('tlsClientError', () => {});
  t.after(() => closeServer(server));
  return listen(server);
}

test('TLS is passed through to the backend of its name, beside a chain that terminates it', async (t) => {
  const stream = (backend: string) => ({
    name: `tls/${backend}`,
    source: SOURCE,
    backends: forwardTo(backend).backends,
  });
  const chain = (backend: string, name: string): FilterChain => ({
    name: backend,
    source: SOURCE,
    serverNames: [name],
    stream: stream(backend),
  });
  const { port } = await startWorld(t, {
    chains: [chain('a', 'a.example'), chain('b', '*.b.example'), answering('c.example', ['c.example'])],
    backends: [
      { name: 'a', protocol: 'TCP', ports: [await tlsBackend(t, 'a.example')] },
      { name: 'b', protocol: 'TCP', ports: [await tlsBackend(t, 'x.b.example')] },
    ],
    secrets: [certificateSecret('c.example', ca.server('c.example'))],
  });
  for (const name of ['a.example', 'x.b.example', 'c.example']) {
    assert.deepEqual(await visit(t, port, name), { said: `this is ${name}`, certificate: name });
  }
});

test('TLS is terminated before a stream, which may end in one direction first', async (t) => {
  const server = createTlsServer({ ...ca.server('inner.example'), allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk));
    socket.on('end', () => socket.end(`this is all: ${text}`));
  });
  t.after(() => closeServer(server));
  const upstream: UpstreamTls = { hostname: 'inner.example', ca: ['ca'] };
  const { port } = await startWorld(t, {
    chains: [
      {
        name: 'a',
        source: SOURCE,
        serverNames: ['a.example'],
        tls: { certificates: ['a'] },
        stream: { name: 's', source: SOURCE, backends: forwardTo('a').backends },
      },
    ],
    backends: [{ name: 'a', protocol: 'TCP', ports: [await listen(server)], tls: upstream }],
    secrets: [certificateSecret('a', ca.server('a.example')), ca.secret('ca')],
  });
  const halfOpen: ConnectionOptions & { allowHalfOpen: boolean } = { servername: 'a.example', allowHalfOpen: true };
  const client = rawTlsClient(t, port, halfOpen);
  client.socket.once('secureConnect', () => client.socket.end('one and two'));
  assert.equal(await client.end(), 'this is all: one and two');
});

const upstreams: readonly (readonly [string, Partial<UpstreamTls>, number])[] = [
  ['the name and the CA are right', {}, 200],
  ['another name', { hostname: 'b.example' }, 503],
  ['another CA', { ca: ['other'] }, 503],
  ['a CA that is missing', { ca: ['missing'] }, 503],
  ['only the CAs of this machine', { ca: 'System' }, 503],
  ['one of several names', { subjectAltNames: [name('x'), name('a.example')] }, 200],
  ['none of several names', { subjectAltNames: [name('x'), { type: 'URI', value: 'spiffe://a' }] }, 503],
];
function name(value: string) {
  return { type: 'Hostname' as const, value };
}
for (const [what, parts, status] of upstreams) {
  test(`TLS to a backend, trusting ${what}: ${status}`, async (t) => {
    const server = createHttpsServer(ca.server('a.example'), (request, response) => {
      response.end((request.socket as TLSSocket & { servername: string }).servername);
    });
    t.after(() => closeServer(server));
    const tls: UpstreamTls = { hostname: 'a.example', ca: ['ca'], ...parts };
    const { port } = await startWorld(t, {
      routes: [routeTo('a')],
      backends: [{ name: 'a', ports: [await listen(server)], tls }],
      secrets: [ca.secret('ca'), new TestCa('other').secret('other')],
    });
    const answer = await ask(port, '/');
    assert.equal(answer.status, status);
    if (status === 200) assert.equal(answer.body, 'a.example');
  });
}

test('the gateway shows its certificate to a backend that asks for it', async (t) => {
  const gateways = new TestCa('gateways');
  const options = { ...ca.server('a.example'), ca: gateways.cert, requestCert: true };
  const server = createHttpsServer(options, (request, response) => {
    response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN);
  });
  t.after(() => closeServer(server));
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [
      {
        name: 'a',
        ports: [await listen(server)],
        tls: { hostname: 'a.example', ca: ['ca'], clientCertificate: 'own' },
      },
    ],
    secrets: [ca.secret('ca'), certificateSecret('own', gateways.client('the gateway'))],
  });
  assert.equal((await ask(port, '/')).body, 'the gateway');
});

test('what begins like TLS and is none ends nothing but its connection', async (t) => {
  const { port } = await startWorld(t, {
    chains: [answering('a', undefined)],
    secrets: [certificateSecret('a', ca.server('a.example'))],
  });
  for (const bytes of [
    '\x16\x03\x01\x00\x05\x01\xff\xff\xff\xff',
    `\x16\x03\x01\x02\x00\x01\x00\x01\xfc${'\xff'.repeat(508)}`,
  ]) {
    const client = rawClient(t, port);
    client.send(bytes);
    await client.end();
  }
  assert.equal((await visit(t, port, 'a')).said, 'this is a');
});

test('a secure connection says so to the backend', async (t) => {
  const a = await startBackend(t, 'a');
  const { port } = await startWorld(t, {
    chains: [{ ...plainChain([routeTo('a')]), tls: { certificates: ['a'] } }],
    backends: [{ name: 'a', ports: [a] }],
    secrets: [certificateSecret('a', ca.server('a.example'))],
  });
  const client = rawTlsClient(t, port, { servername: 'a.example' });
  client.send('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: http\r\n\r\n');
  await eventually(() => client.received.includes('"x-forwarded-proto":"https"'));
});
