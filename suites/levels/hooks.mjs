// Webhooks of the behaviours: one server on the controller runtime for all of a process, and the objects that name it.
import { Buffer } from 'node:buffer';
import { allowed, denied, fixedCertificate, patched, WebhookServer } from 'nekube/controller';
import { loadOrCreatePki } from 'nekube/pki';
import { defined, definition, make, WIDGET } from './objects.mjs';

let serving;

/** Where the webhooks are, and whom to trust there; they end with the process. */
function hooks() {
  serving ??= serve();
  return serving;
}

async function serve() {
  const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
  const certificates = fixedCertificate({ cert: pki.servingCert, key: pki.servingKey });
  const server = new WebhookServer({ certificates, port: 0 });
  server
    .admit('/deny', () => denied('it is not wanted here'))
    .admit('/teapot', () => denied('short and stout', { code: 418, reason: 'Teapot' }))
    .admit('/warn', () => allowed('', { warnings: ['it was seen', 'and judged'] }))
    .admit('/label', ({ object }) => {
      object.metadata.labels = { ...object.metadata.labels, hooked: 'yes' };
      return patched(object, { warnings: ['a label was added'] });
    });
  const stop = new AbortController();
  server.start(stop.signal).catch(() => {});
  await server.ready();
  return { server, url: server.url, caBundle: Buffer.from(pki.caCert).toString('base64'), stop: () => stop.abort() };
}

/** Where a behaviour's server finds a webhook; the address is no part of what is observed. */
async function clientConfig(world, path) {
  const { url, caBundle } = await hooks();
  Object.assign(world.vars, { hook: url, hookCa: caBundle });
  return { url: `${url}${path}`, caBundle };
}

/** A step that creates a webhook for the ConfigMaps of the behaviour's namespace; `more` is more of the webhook. */
export function hooked(kind, path, more = {}) {
  return async (world) => {
    const webhook = {
      name: 'hook.{{id}}.example.com',
      clientConfig: await clientConfig(world, path),
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '{{id}}' } },
      rules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['configmaps'] },
      ],
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      ...more,
    };
    await world.create(world.fill(make(kind, '{{id}}', { webhooks: [webhook] })));
  };
}

/** A step that defines Widget in two versions: what is `length` in v1 is `size` in v2. */
export async function converting(world) {
  const { server } = await hooks();
  server.convert({ group: `${world.id}.example.com`, kind: 'Widget', convert });
  const crd = definition({ length: { type: 'integer' } });
  const [v2] = definition({ size: { type: 'integer' } }).spec.versions;
  crd.spec.versions.push({ ...v2, name: 'v2', storage: false });
  const webhook = { clientConfig: await clientConfig(world, '/convert'), conversionReviewVersions: ['v1'] };
  crd.spec.conversion = { strategy: 'Webhook', webhook };
  await defined(crd)(world);
  await world.served(world.fill({ ...WIDGET, apiVersion: '{{id}}.example.com/v2' }));
}

function convert({ spec, ...object }, apiVersion) {
  const { length = spec?.size, ...rest } = spec ?? {};
  if (length === 666) throw new Error('666 cannot be converted');
  delete rest.size;
  return { ...object, apiVersion, spec: { ...rest, [apiVersion.endsWith('/v1') ? 'length' : 'size']: length } };
}

/** Ends the server, if a behaviour began it. */
export async function stopHooks() {
  (await serving)?.stop();
  serving = undefined;
}
