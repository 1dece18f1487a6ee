import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { issueCertificate, type KeyPair, loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import { type RunningServer, startServer } from '../server.ts';

const HOUR_MS = 60 * 60 * 1000;
const now = Date.now();
const valid = { notBefore: new Date(now - HOUR_MS), notAfter: new Date(now + HOUR_MS) };
const expired = { notBefore: new Date(now - 2 * HOUR_MS), notAfter: new Date(now - HOUR_MS) };

/** A CA, and what it signs for clients. */
function authority(name: string) {
  const subject = { commonName: name };
  const ca = issueCertificate({ subject, use: 'ca', ...valid });
  const client = (commonName: string, organizations: string[] = [], validity = valid) =>
    issueCertificate({ subject: { commonName, organizations }, use: 'client', ...validity }, { subject, key: ca.key });
  return { ca: ca.cert, client };
}

const pki = loadOrCreatePki(undefined, { hosts: [], ips: ['127.0.0.1'], now: () => new Date() });
const users = authority('users-ca');
const proxies = authority('proxies-ca');
const strangers = authority('strangers-ca');
/** Has the name of the proxies' CA, and another key. */
const imposters = authority('proxies-ca');

let server: RunningServer;
const storage = openMemory();

before(async () => {
  server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    storage,
    pki,
    tokens: [{ token: 'secret', user: { name: 'bearer', groups: [] } }],
    clientCa: users.ca,
    frontProxy: {
      ca: proxies.ca,
      allowedNames: ['front'],
      usernameHeaders: ['X-Remote-User', 'X-Other-User'],
      uidHeaders: ['X-Remote-Uid'],
      groupHeaders: ['X-Remote-Group'],
      extraHeaderPrefixes: ['X-Remote-Extra-'],
    },
  });
});
after(async () => {
  await server.close();
  await storage.close();
});

type Headers = Readonly<Record<string, string | string[]>>;

/** Who the server says that one is: `NAME (uid) [groups] {extra keys}`, or the code of a refusal. */
function who(pair: KeyPair | undefined, headers: Headers): Promise<string> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const sent = { ...headers, 'content-type': 'application/json' };
  const options = { method: 'POST', headers: sent, ca: pki.caCert, agent: false, ...pair };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(`${server.url}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (response.statusCode !== 201) return resolve(String(response.statusCode));
        const { username, uid = '', groups, extra = {} } = JSON.parse(Buffer.concat(chunks).toString()).status.userInfo;
        const others = Object.keys(extra).filter((key) => !key.endsWith('/credential-id'));
        resolve(`${username} (${uid}) [${groups.join()}] {${others.map((key) => `${key}=${extra[key]}`).join(' ')}}`);
      });
    });
    request.on('error', reject).end('{}');
  });
}

const jane: Headers = { 'x-remote-user': 'jane', 'x-remote-group': ['a', 'b'], 'x-remote-extra-k%2fx': 'v' };
const root: Headers = { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' };
const bearer: Headers = { authorization: 'Bearer secret' };

const ROWS: readonly (readonly [string, KeyPair | undefined, Headers, string])[] = [
  [
    'a certificate of the CA for users is a user',
    users.client('ann', ['dev']),
    {},
    'ann () [dev,system:authenticated] {}',
  ],
  [
    "a certificate of the server's own CA is one",
    pki.issueClient({ user: 'own', groups: [] }),
    {},
    'own () [system:authenticated] {}',
  ],
  ['a certificate counts before a token', users.client('ann'), bearer, 'ann () [system:authenticated] {}'],
  ['a certificate of a strange CA is refused', strangers.client('ann'), {}, '401'],
  ['… unless a token holds', strangers.client('ann'), bearer, 'bearer () [system:authenticated] {}'],
  ['an expired certificate is refused', users.client('ann', [], expired), {}, '401'],
  ['a certificate without a name is refused, as it is not that of the proxy', users.client(''), {}, '401'],
  ['without a certificate headers of the proxy say nothing', undefined, root, '403'],
  ["with a user's certificate they say nothing", users.client('ann'), root, 'ann () [system:authenticated] {}'],
  [
    "with a user's certificate of the proxy's name they say nothing",
    users.client('front'),
    root,
    'front () [system:authenticated] {}',
  ],
  ['of a CA that has the name of that of proxies they say nothing', imposters.client('front'), root, '401'],
  ['of a proxy that is not allowed they say nothing', proxies.client('back'), root, '401'],
  ['a proxy names a user', proxies.client('front'), jane, 'jane () [a,b,system:authenticated] {k/x=v}'],
  [
    'the first header that is there names it',
    proxies.client('front'),
    { 'x-other-user': 'joe', 'x-remote-uid': 'u1' },
    'joe (u1) [system:authenticated] {}',
  ],
  ['a proxy that names nobody is no user', proxies.client('front'), {}, '401'],
  ['… but may have a token', proxies.client('front'), bearer, 'bearer () [system:authenticated] {}'],
];

describe('who makes a request', () => {
  for (const [behaviour, pair, headers, expected] of ROWS)
    test(behaviour, async () => assert.equal(await who(pair, headers), expected));
});
