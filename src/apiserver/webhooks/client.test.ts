import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import type { WebhookClientConfig } from 'nekube/apimachinery';
import { loadOrCreatePki } from 'nekube/pki';
import { WebhookClient } from './client.ts';
import { targetOf } from './target.ts';

const pki = loadOrCreatePki(undefined, { hosts: ['hook.example.svc'], ips: ['127.0.0.1'], now: () => new Date() });
const base64 = (pem: string) => Buffer.from(pem).toString('base64');
const CA = base64(pki.caCert);

/** How the server answers, by path; what it was asked is kept. */
const ANSWERS: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/echo': (_, response) => response.end('{"kind":"Answer"}'),
  '/empty': (_, response) => response.end(),
  '/broken': (_, response) => response.end('<html>'),
  '/list': (_, response) => response.end('[]'),
  '/text500': (_, response) => response.writeHead(500, { 'content-type': 'text/plain' }).end('it "broke"\n'),
  '/json500': (_, response) => response.writeHead(500, { 'content-type': 'application/json' }).end('{"a":1}'),
  '/404': (_, response) => response.writeHead(404).end('404 page not found\n'),
  '/403': (_, response) => response.writeHead(403).end('go away'),
  '/teapot': (_, response) => response.writeHead(418).end(),
  '/status': (_, response) =>
    response.writeHead(409).end('{"kind":"Status","apiVersion":"v1","status":"Failure","message":"in use","code":409}'),
  '/hangup': (request) => request.socket.destroy(),
  '/silent': () => {},
  '/moved': (_, response) => response.writeHead(307, { location: '/echo' }).end(),
  '/huge': (_, response) => void response.writeHead(200).end(Buffer.alloc(65 * 1024 * 1024, 0x20)),
  '/busy': (_, response) => {
    const first = asked.filter(({ path }) => path.startsWith('/busy')).length === 1;
    if (first) response.writeHead(429, { 'retry-after': '0' }).end();
    else response.end('{"kind":"Answer"}');
  },
};

const asked: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[] = [];
let server: Server;
let port: number;

before(async () => {
  server = createServer({ cert: pki.servingCert, key: pki.servingKey }, (request, response) => {
    void text(request).then((body) => {
      const path = request.url ?? '';
      asked.push({ method: request.method ?? '', path, headers: request.headers, body });
      ANSWERS[path.split('?')[0]!]?.(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
after(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

const client = new WebhookClient(async () => ({ host: '127.0.0.1', port }));
const post = (config: WebhookClientConfig, timeoutMs = 10_000) =>
  client.post(targetOf(config), { kind: 'Question' }, { timeoutMs });
const at = (path: string) => ({ url: `https://127.0.0.1:${port}${path}`, caBundle: CA });
const messageOf = async (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'no failure',
    (error: Error) => error.message,
  );

describe('a call of a webhook', () => {
  test('posts JSON to the clean path and says how much time there is', async () => {
    asked.length = 0;
    assert.deepEqual(await post({ ...at('//echo/') }), { kind: 'Answer' });
    const { method, path, headers, body } = asked[0]!;
    assert.deepEqual([method, path, body], ['POST', '/echo?timeout=10s', '{"kind":"Question"}']);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers.accept, 'application/json, */*');
    assert.equal(headers['user-agent'], 'kube-apiserver-admission');
    assert.equal(headers.host, `127.0.0.1:${port}`);
  });

  test('reaches a service by its name, and trusts the certificate of the server itself', async () => {
    asked.length = 0;
    const service = { namespace: 'example', name: 'hook', path: 'echo' };
    assert.deepEqual(await post({ service, caBundle: base64(pki.servingCert) }), { kind: 'Answer' });
    assert.equal(asked[0]!.headers.host, 'hook.example.svc');
  });

  test('without a CA, trusts whom the server trusts', async () => {
    const { url } = at('/echo');
    assert.match(await messageOf(post({ url })), /x509: certificate signed by unknown authority/);
    const trusting = new WebhookClient(async () => ({ host: '127.0.0.1', port }), { cas: () => pki.caCert });
    assert.deepEqual(await trusting.post(targetOf({ url }), { kind: 'Question' }), { kind: 'Answer' });
    trusting.close();
  });

  test('reaches a URL where it is said to be, also after a redirect, and nowhere else', async () => {
    const to = new WebhookClient(async () => ({ host: '127.0.0.1', port }), {
      addressOf: async ({ hostname, pathname }) => {
        if (pathname !== '/moved') throw new Error('it is not called');
        return hostname === 'hook.example.svc' ? { host: '127.0.0.1', port } : undefined;
      },
    });
    const called = (path: string) => to.post(targetOf({ url: `https://hook.example.svc${path}`, caBundle: CA }), {});
    asked.length = 0;
    assert.match(await messageOf(called('/echo')), /^Post "https:\/\/hook\.example\.svc\/echo": .*it is not called$/);
    assert.match(await messageOf(called('/moved')), /it is not called$/);
    assert.deepEqual(
      asked.map(({ path }) => path),
      ['/moved'],
    );
    to.close();
  });

  test('uses a connection again, and survives that the other side has closed it', async () => {
    await post(at('/echo'));
    server.closeIdleConnections();
    assert.deepEqual(await post(at('/echo')), { kind: 'Answer' });
  });

  test('follows a redirect that repeats the call', async () => {
    assert.deepEqual(await post(at('/moved')), { kind: 'Answer' });
  });

  test('asks again after a Retry-After', async () => {
    asked.length = 0;
    assert.deepEqual(await post(at('/busy')), { kind: 'Answer' });
    assert.equal(asked.length, 2);
  });

  const failures: readonly (readonly [name: string, path: string, message: string])[] = [
    ['of an empty answer', '/empty', '0-length response with status code: 200 and content type: application/json'],
    [
      'of a page',
      '/broken',
      `couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    ],
    [
      'of a text with 500',
      '/text500',
      'an error on the server ("it \\"broke\\"") has prevented the request from succeeding',
    ],
    ['of JSON with 500', '/json500', 'an error on the server ("unknown") has prevented the request from succeeding'],
    ['of a path that is not there', '/404', 'the server could not find the requested resource'],
    ['of a refusal', '/403', 'go away'],
    [
      'of a code that means nothing',
      '/teapot',
      'the server responded with the status code 418 but did not return more information',
    ],
    ['of a Status', '/status', 'in use'],
  ];
  for (const [name, path, message] of failures)
    test(`fails with client-go's words ${name}`, async () => {
      assert.equal(await messageOf(post(at(path))), message);
    });

  test('fails when the other side hangs up, says nothing, or too much', async () => {
    const where = `Post "https://127.0.0.1:${port}`;
    assert.equal(await messageOf(post(at('/hangup'))), `${where}/hangup?timeout=10s": EOF`);
    assert.equal(await messageOf(post(at('/silent'), 50)), `${where}/silent?timeout=1s": context deadline exceeded`);
    // without a limit of its time: so many bytes take as long as the machine likes
    const huge = client.post(targetOf(at('/huge')), { kind: 'Question' });
    assert.equal(await messageOf(huge), `${where}/huge": the answer is longer than ${64 * 1024 * 1024} bytes`);
  });

  test('fails when nobody listens, or nobody is trusted', async () => {
    const nobody = await messageOf(post({ url: 'https://127.0.0.1:1/x', caBundle: CA }));
    assert.equal(nobody, 'Post "https://127.0.0.1:1/x?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused');
    const other = loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => new Date() });
    const untrusted = await messageOf(post({ ...at('/echo'), caBundle: base64(other.caCert) }));
    assert.match(untrusted, /: tls: failed to verify certificate: x509: certificate signed by unknown authority$/);
  });

  test('fails when the certificate is for another name', async () => {
    const service = { namespace: 'example', name: 'other', path: '/echo' };
    assert.match(
      await messageOf(post({ service, caBundle: CA })),
      /x509: certificate is valid for hook\.example\.svc, not other\.example\.svc$/,
    );
  });
});

describe('the target of a clientConfig', () => {
  const cases: readonly (readonly [config: WebhookClientConfig, message: string])[] = [
    [{}, 'webhook configuration must have either service or URL'],
    [
      { url: 'https://a/', caBundle: base64('x') },
      'unable to load root certificates: unable to parse bytes as PEM block',
    ],
  ];
  for (const [config, message] of cases)
    test(`is refused: ${message}`, () => {
      assert.throws(() => targetOf(config), { message });
    });
});
