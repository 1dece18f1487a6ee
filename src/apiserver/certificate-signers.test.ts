import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign, X509Certificate } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bitString,
  loadOrCreatePki,
  newPrivateKey,
  octetString,
  oid,
  sequence,
  set,
  tagged,
  unsignedInteger,
  utf8String,
} from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import { type RunningServer, startServer } from './server.ts';

const pki = loadOrCreatePki(undefined, { hosts: [], ips: ['127.0.0.1'], now: () => new Date() });
const key = newPrivateKey();

/** A request (PEM in base64) as openssl makes it; names are `dns:NAME`, `ip:A.B.C.D` or `uri:URI`. */
function requestFor(commonName: string, organizations: readonly string[], names: readonly string[] = []): string {
  const attribute = (type: string, value: string) => set(sequence(oid(type), utf8String(value)));
  const subject = sequence(...organizations.map((o) => attribute('2.5.4.10', o)), attribute('2.5.4.3', commonName));
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const general = names.map((name) => {
    const [sort, value = ''] = name.split(/:(.*)/);
    if (sort === 'ip') return tagged(0x87, Buffer.from(value.split('.').map(Number)));
    return tagged(sort === 'dns' ? 0x82 : 0x86, Buffer.from(value));
  });
  const wanted = sequence(sequence(oid('2.5.29.17'), octetString(sequence(...general))));
  const attributes =
    general.length > 0 ? tagged(0xa0, sequence(oid('1.2.840.113549.1.9.14'), set(wanted))) : tagged(0xa0);
  const info = sequence(unsignedInteger(Buffer.from([0])), subject, spki, attributes);
  const signature = sign('sha256', info, createPrivateKey(key));
  const der = sequence(info, sequence(oid('1.2.840.10045.4.3.2')), bitString(signature));
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
  return Buffer.from(pem).toString('base64');
}

let server: RunningServer;
const storage = openMemory();

before(async () => {
  const tokens = [{ token: 'admin', user: { name: 'admin', groups: ['system:masters'] } }];
  server = await startServer({ listen: { host: '127.0.0.1', port: 0 }, storage, pki, tokens });
});
after(async () => {
  await server.close();
  await storage.close();
});

async function call(method: string, path: string, body?: object, cert?: string): Promise<Loose> {
  const credentials = cert === undefined ? {} : { cert, key };
  const headers = {
    'content-type': 'application/json',
    ...(cert === undefined && { authorization: 'Bearer admin' }),
  };
  return new Promise((resolve, reject) => {
    const options = { method, headers, ca: pki.caCert, agent: false, ...credentials };
    const sent = httpsRequest(`${server.url}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    });
    sent.on('error', reject).end(body && JSON.stringify(body));
  });
}

/** An answer of the API, whatever it is. */
type Loose = any;

const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

/** Asks, approves, and waits for the signers. */
async function signed(name: string, spec: object): Promise<Loose> {
  const { kind, message } = await call('POST', REQUESTS, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec,
  });
  assert.equal(kind, 'CertificateSigningRequest', message);
  const object = await call('GET', `${REQUESTS}/${name}`);
  object.status.conditions = [{ type: 'Approved', status: 'True', reason: 'Test', message: '' }];
  await call('PUT', `${REQUESTS}/${name}/approval`, object);
  for (let tries = 0; tries < 1000; tries++) {
    const { status } = await call('GET', `${REQUESTS}/${name}`);
    if (status.certificate || status.conditions.length > 1) return status;
    await sleep(20);
  }
  assert.fail(`no signer has seen to ${name}`);
}

const CLIENT = { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth', 'digital signature'] };
const KUBELET = {
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  usages: ['client auth', 'digital signature', 'key encipherment'],
};
const SERVING = { signerName: 'kubernetes.io/kubelet-serving', usages: ['server auth', 'digital signature'] };

test('an approved request is signed, and its certificate makes a user', async () => {
  const spec = { ...CLIENT, request: requestFor('jane', ['dev', 'ops']), expirationSeconds: 3600 };
  const { certificate } = await signed('jane', spec);
  const pem = Buffer.from(certificate, 'base64').toString();
  const cert = new X509Certificate(pem);
  assert.equal(cert.verify(new X509Certificate(pki.caCert).publicKey), true);
  assert.equal(cert.subject, 'O=dev\nO=ops\nCN=jane');
  assert.deepEqual(cert.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  const lifetime = Date.parse(cert.validTo) - Date.parse(cert.validFrom);
  assert.equal(lifetime, (3600 + 300) * 1000);
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { status } = await call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review, pem);
  assert.equal(status.userInfo.username, 'jane');
  assert.deepEqual(status.userInfo.groups, ['dev', 'ops', 'system:authenticated']);
  assert.match(status.userInfo.extra['authentication.kubernetes.io/credential-id'][0], /^X509SHA256=[0-9a-f]{64}$/);
});

test('the names of a server are certified', async () => {
  const request = requestFor('system:node:n1', ['system:nodes'], ['dns:n1.example', 'ip:10.1.2.3']);
  const { certificate } = await signed('serving', { ...SERVING, request });
  const cert = new X509Certificate(Buffer.from(certificate, 'base64'));
  assert.equal(cert.subjectAltName, 'DNS:n1.example, IP Address:10.1.2.3');
  assert.deepEqual(cert.keyUsage, ['1.3.6.1.5.5.7.3.1']);
});

describe('what a signer does not sign has failed', () => {
  const node = ['system:node:n1', ['system:nodes']] as const;
  const rows: readonly (readonly [string, object, string])[] = [
    [
      'another usage of a client',
      { ...CLIENT, usages: ['client auth', 'code signing'], request: requestFor('x', []) },
      'invalid usage for client certificate: code signing',
    ],
    [
      'no usage of a client',
      { ...CLIENT, usages: ['digital signature'], request: requestFor('x', []) },
      'missing required usage for client certificate: client auth',
    ],
    [
      'a kubelet of no node',
      { ...KUBELET, request: requestFor('n1', node[1]) },
      'subject common name does not begin with system:node:',
    ],
    [
      'a kubelet of another group',
      { ...KUBELET, request: requestFor(node[0], ['x']) },
      'subject organization is not system:nodes',
    ],
    [
      'a kubelet that is a server',
      { ...KUBELET, request: requestFor(...node, ['dns:x']) },
      'DNS subjectAltNames are not allowed',
    ],
    ['a server without a name', { ...SERVING, request: requestFor(...node) }, 'DNS or IP subjectAltName is required'],
    [
      'a server with a URI',
      { ...SERVING, request: requestFor(...node, ['ip:10.0.0.1', 'uri:spiffe://x']) },
      'URI subjectAltNames are not allowed',
    ],
    [
      'another usage of a server',
      { ...SERVING, usages: ['server auth'], request: requestFor(...node, ['dns:x']) },
      'usages did not match [digital signature key encipherment server auth]',
    ],
  ];
  for (const [i, [what, spec, message]] of rows.entries()) {
    test(what, async () => {
      const { conditions, certificate } = await signed(`failed-${i}`, spec);
      assert.equal(certificate, undefined);
      const { type, reason, message: told } = conditions[1];
      assert.deepEqual([type, reason, told], ['Failed', 'SignerValidationFailure', message]);
    });
  }
});
