import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { type TestContext, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { issueCertificate, type KeyPair } from 'nekube/pki';
import { HealthChecks } from '../health/health-checks.ts';
import { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { RenewedCertificate } from '../serving/certificate-source.ts';
import { allowed } from './admission.ts';
import { WebhookServer, type WebhookServerOptions } from './webhook-server.ts';

const VALID = { notBefore: new Date(0), notAfter: new Date(Date.UTC(2100)) };
const ca = issueCertificate({ subject: { commonName: 'ca' }, use: 'ca', ...VALID });
const issuer = { subject: { commonName: 'ca' }, key: ca.key };
const names = { hosts: ['localhost'], ips: ['127.0.0.1'] };
const newPair = (): KeyPair =>
  issueCertificate({ subject: { commonName: 'x' }, use: 'server', names, ...VALID }, issuer);

/** Certificates that a test changes. */
class Changing extends RenewedCertificate {
  readonly name = 'test';

  protected keep(_signal: AbortSignal): Promise<void> {
    return Promise.resolve();
  }

  set(pair: KeyPair): void {
    this.take(pair);
  }
}

function source(): Changing {
  const changing = new Changing();
  changing.set(newPair());
  return changing;
}

async function started(
  t: TestContext,
  prepare: (server: WebhookServer) => void,
  options: Partial<WebhookServerOptions> = {},
): Promise<{ server: WebhookServer; stop: () => Promise<void> }> {
  const server = new WebhookServer({ certificates: source(), port: 0, ...options });
  prepare(server);
  const over = new AbortController();
  const running = server.start(over.signal);
  await server.ready();
  const stop = async (): Promise<void> => {
    over.abort();
    await running;
  };
  t.after(stop);
  return { server, stop };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly peer: string;
}

function post(url: string, body: string, more: { agent?: Agent; cert?: string; key?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const call = request(url, { method: 'POST', ca: ca.cert, headers, ...more }, (response) => {
      const peer = (
        response.socket as unknown as { getPeerCertificate(): { fingerprint256: string } }
      ).getPeerCertificate();
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode!, text, peer: peer.fingerprint256 }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

const REVIEW = JSON.stringify({
  request: { uid: 'u', operation: 'CREATE', object: { metadata: { name: 'w' }, spec: {} } },
});
const gvk = { group: 'example.com', version: 'v1', kind: 'Website' };

test('webhooks are served at the paths of their kind, however many slashes come first', async (t) => {
  const { server } = await started(t, (one) => {
    one.kind(gvk, { defaulter: (object: KubeObject) => void (object.spec.port = 80), validator: {} });
  });
  for (const path of ['/mutate-example-com-v1-website', '//mutate-example-com-v1-website?timeout=10s']) {
    const { status, text } = await post(server.url + path, REVIEW);
    assert.equal(status, 200);
    assert.match(text, /"patchType":"JSONPatch"/);
  }
  assert.match((await post(`${server.url}/validate-example-com-v1-website`, REVIEW)).text, /"allowed":true/);
  assert.deepEqual((await post(`${server.url}/convert`, '{}')).status, 404);
});

test('a path has one webhook', () => {
  const server = new WebhookServer({ certificates: source() }).admit('/a', () => allowed());
  assert.throws(() => server.admit('/a', () => allowed()), /Cannot serve a webhook at \/a: there is one already/);
  assert.throws(() => server.admit('/b c', () => allowed()), /Cannot serve a webhook at "\/b c"/);
  assert.throws(() => server.url, /does not listen yet/);
});

test('a new certificate is shown to new connections, and those that are open go on: no call fails', async (t) => {
  const certificates = source();
  const { server } = await started(t, (one) => one.admit('/a', async () => allowed()), { certificates });
  const kept = new Agent({ keepAlive: true, maxSockets: 2 });
  t.after(() => kept.destroy());
  const peers = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const agents = [new Agent(), kept, new Agent(), kept];
    const calls = agents.map((agent) => post(`${server.url}/a`, REVIEW, { agent }));
    if (round % 4 === 1) certificates.set(newPair());
    for (const { status, peer } of await Promise.all(calls)) {
      assert.equal(status, 200);
      peers.add(peer);
    }
  }
  assert.ok(peers.size >= 5, `${peers.size} certificates were seen`);
});

test('a handler has the time that the server says that it waits', async (t) => {
  let reason: unknown;
  const { server } = await started(t, (one) =>
    one.admit('/slow', (_request, { signal }) => {
      signal.addEventListener('abort', () => (reason = signal.reason));
      return new Promise(() => {});
    }),
  );
  const { text } = await post(`${server.url}/slow?timeout=20ms`, REVIEW);
  assert.match(text, /"message":"the webhook did not answer in time","code":504/);
  assert.match(String(reason), /the time is over/);
});

test('a handler has no longer than the server of webhooks gives it, whatever the API server waits', async (t) => {
  const prepare = (one: WebhookServer): void => void one.admit('/slow', () => new Promise(() => {}));
  const { server } = await started(t, prepare, { timeoutMs: 20 });
  const { text } = await post(`${server.url}/slow?timeout=1h`, REVIEW);
  assert.match(text, /"message":"the webhook did not answer in time","code":504/);
});

test('a handler hears that the one who asked has gone', async (t) => {
  let begun = (): void => {};
  const began = new Promise<void>((resolve) => (begun = resolve));
  let heard: (reason: unknown) => void = () => {};
  const gone = new Promise<unknown>((resolve) => (heard = resolve));
  const { server } = await started(t, (one) =>
    one.admit('/slow', (_request, { signal }) => {
      signal.addEventListener('abort', () => heard(signal.reason));
      begun();
      return new Promise(() => {});
    }),
  );
  const agent = new Agent();
  const call = post(`${server.url}/slow`, REVIEW, { agent });
  await began;
  agent.destroy();
  await assert.rejects(call);
  assert.match(String(await gone), /the connection was closed/);
});

test('requests that are too long are answered, not cut off', async (t) => {
  const { server } = await started(t, (one) => one.admit('/a', () => allowed()));
  const { status, text } = await post(`${server.url}/a`, `"${'x'.repeat(8 * 1024 * 1024)}"`);
  assert.equal(status, 200);
  assert.match(text, /request entity is too large; limit is 7340032 bytes/);
});

test('what is being served when the server stops is answered', async (t) => {
  let answer = (): void => {};
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let go = (): void => {};
  const { server, stop } = await started(t, (one) =>
    one.admit('/a', async () => {
      answer();
      await new Promise<void>((resolve) => (go = resolve));
      return allowed();
    }),
  );
  const call = post(`${server.url}/a`, REVIEW);
  await asked;
  const stopped = stop();
  go();
  assert.equal((await call).status, 200);
  await stopped;
});

test('clients must show a certificate where one is asked for', async (t) => {
  const client = issueCertificate({ subject: { commonName: 'apiserver' }, use: 'client', ...VALID }, issuer);
  const { server } = await started(t, (one) => one.admit('/a', () => allowed()), { clientCa: ca.cert });
  assert.equal((await post(`${server.url}/a`, REVIEW, client)).status, 200);
  await assert.rejects(post(`${server.url}/a`, REVIEW));
});

test('what webhooks do is counted, and whether they are served is a check', async (t) => {
  const metrics = new PrometheusMetrics();
  const server = new WebhookServer({ certificates: source(), port: 0, metrics });
  server
    .admit('/a', () => allowed())
    .admit('/bad', () => {
      throw new Error('x');
    });
  const checks = new HealthChecks().add('webhooks', server.started);
  assert.match((await checks.answer('webhooks', new URLSearchParams())).text, /has not been started yet/);
  const over = new AbortController();
  const running = server.start(over.signal);
  t.after(() => (over.abort(), running));
  await server.ready();
  assert.equal((await checks.answer('', new URLSearchParams())).text, 'ok');
  await post(`${server.url}/a`, REVIEW);
  await post(`${server.url}/bad`, REVIEW);
  const text = metrics.registry.text();
  assert.match(text, /controller_runtime_webhook_requests_total\{webhook="\/a",code="200"\} 1/);
  assert.match(text, /controller_runtime_webhook_requests_total\{webhook="\/a",code="500"\} 0/);
  assert.match(text, /controller_runtime_webhook_requests_in_flight\{webhook="\/a"\} 0/);
  assert.match(text, /controller_runtime_webhook_panics_total 1/);
  assert.match(text, /controller_runtime_webhook_latency_seconds_bucket\{webhook="\/a",le="1e-08"\} 0/);
});

test('certificates that cannot be had stop the server with why', async () => {
  class WithoutFiles extends Changing {
    protected override keep(): Promise<void> {
      return Promise.reject(new Error('no files'));
    }
  }
  const certificates = new WithoutFiles();
  const server = new WebhookServer({ certificates, port: 0 });
  await assert.rejects(server.start(new AbortController().signal), /no files/);
  await assert.rejects(server.ready(), /no files/);
});

test('an address that is taken is told at once, although the certificate would be kept on', async (t) => {
  class Kept extends Changing {
    protected override keep(signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    }
  }
  const { server } = await started(t, () => {});
  const certificates = new Kept();
  certificates.set(newPair());
  const second = new WebhookServer({ certificates, port: Number(new URL(server.url).port) });
  await assert.rejects(second.start(new AbortController().signal), { code: 'EADDRINUSE' });
  await assert.rejects(second.ready(), { code: 'EADDRINUSE' });
  assert.throws(() => second.url, /The webhook server does not listen yet/);
});

test('a server that is told to stop before there is a certificate, ends well', async () => {
  class Never extends Changing {
    protected override keep(signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    }
  }
  const server = new WebhookServer({ certificates: new Never(), port: 0 });
  const over = new AbortController();
  const running = server.start(over.signal);
  over.abort();
  await running;
});

test('a server has ended when its certificate is no longer seen to, and is nowhere then', async () => {
  const happened: string[] = [];
  class Slow extends Changing {
    protected override async keep(signal: AbortSignal): Promise<void> {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise((resolve) => setTimeout(resolve, 20));
      happened.push('kept');
    }
  }
  const certificates = new Slow();
  certificates.set(newPair());
  const server = new WebhookServer({ certificates, port: 0 });
  const over = new AbortController();
  const running = server.start(over.signal).then(() => happened.push('ended'));
  await server.ready();
  over.abort();
  await running;
  assert.deepEqual(happened, ['kept', 'ended']);
  assert.throws(() => server.url, /does not listen yet/);
});
