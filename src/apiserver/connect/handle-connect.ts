import { type KubeObject, newBadRequest, newForbidden, newNotFound } from 'nekube/apimachinery';
import { isWebSocketRequest } from 'nekube/streaming';
import { attributesOf as authorizationOf } from '../authorization/authorizer.ts';
import { readBody } from '../body.ts';
import type { RequestContext } from '../context.ts';
import { attributesOf } from '../handlers/write.ts';
import { groupResource, type ServedResource } from '../registry/served.ts';
import { writeHead } from '../respond.ts';
import type { ServerDeps } from '../server-deps.ts';
import { type Backend, kubeletTls, UNVERIFIED } from './backend.ts';
import { sendLog } from './log.ts';
import { hostPort, type NodeConnection, nodeConnection } from './node-connection.ts';
import { type ConnectOptions, connectOptions, containerOf, logQuery } from './options.ts';
import { checkProxyable, isGlobalUnicast, proxy } from './proxy.ts';
import { checkedTarget, serviceEndpoint } from './service-location.ts';
import { translate, wantsTranslation } from './translate.ts';
import { tunnel, wantsTunnel } from './tunnel.ts';
import { checkUpgrade, proxyUpgrade, wantsUpgrade } from './upgrade.ts';

/** What connections are made with. */
export type ConnectDeps = Pick<
  ServerDeps,
  'store' | 'resources' | 'admission' | 'authorizer' | 'kubelet' | 'podNetwork'
>;

/**
 * exec, attach, log, port-forward and proxy: connects the client with the kubelet of a pod's node, or with the pod itself.
 *
 * @throws StatusError as kube-apiserver, where the pod is on no node or the node cannot be reached
 */
export async function handleConnect(
  context: RequestContext,
  deps: ConnectDeps,
  resource: ServedResource,
): Promise<void> {
  const { subresource } = context.info;
  if (subresource !== 'proxy') await readBody(context.request);
  if (subresource === 'log') return handleLog(context, deps, resource);
  const options = await admitted(context, deps, resource);
  if (subresource === 'proxy') return handleProxy(context, deps, resource, options.path ?? '');
  await checkMayCreate(context, deps, resource);
  return handleStream(context, deps, resource, options);
}

async function handleLog(context: RequestContext, deps: ConnectDeps, resource: ServedResource): Promise<void> {
  const { name, namespace } = context.info;
  const query = logQuery(context.query, name);
  const pod = await found(deps, resource, namespace, name);
  const container = containerOf(context.query.get('container') ?? '', pod);
  if (!pod.spec.nodeName) {
    writeHead(context, 204, {});
    context.response.end();
    return;
  }
  const node = await nodeOf(deps, resource, pod);
  const insecure = ['true', '1'].includes(context.query.get('insecureSkipTLSVerifyBackend') ?? '');
  const backend = kubeletOf(deps, node, `/containerLogs/${namespace}/${name}/${container}`, query, insecure);
  await sendLog(context, backend, name);
}

/** exec, attach and port-forward. */
async function handleStream(
  context: RequestContext,
  deps: ConnectDeps,
  resource: ServedResource,
  options: ConnectOptions,
): Promise<void> {
  const { name, namespace, subresource } = context.info;
  const pod = await found(deps, resource, namespace, name);
  const isForward = subresource === 'portforward';
  const container = isForward ? '' : `/${containerOf(options.container ?? '', pod)}`;
  if (!pod.spec.nodeName) throw newBadRequest(`pod ${name} does not have a host assigned`);
  const node = await nodeOf(deps, resource, pod);
  const path = `/${isForward ? 'portForward' : subresource}/${namespace}/${name}${container}`;
  const backend = kubeletOf(deps, node, path, streamQuery(options));
  checkUpgrade(context);
  const isTranslated = isWebSocketRequest(context.request) && !node.takesWebSockets;
  if (isTranslated && isForward && wantsTunnel(context)) return tunnel(context, backend);
  if (isTranslated && !isForward && wantsTranslation(context)) {
    const { stdin = false, stdout = false, stderr = false, tty = false } = options;
    return translate(context, backend, { stdin, stdout, stderr, tty });
  }
  return proxyUpgrade(context, backend);
}

/** The options as the kubelet takes them. */
function streamQuery({ stdin, stdout, stderr, tty, command, ports }: ConnectOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (stdin) query.set('input', '1');
  if (stdout) query.set('output', '1');
  if (stderr) query.set('error', '1');
  if (tty) query.set('tty', '1');
  for (const word of command ?? []) query.append('command', word);
  if (ports !== undefined && ports.length > 0) query.set('port', ports.join(','));
  query.sort();
  return query;
}

async function handleProxy(
  context: RequestContext,
  deps: ConnectDeps,
  resource: ServedResource,
  path: string,
): Promise<void> {
  const backends = { pods: podBackend, services: serviceBackend, nodes: nodeBackend } as const;
  const backend = await backends[resource.resource as keyof typeof backends](context, deps, resource);
  if (wantsUpgrade(context)) await readBody(context.request);
  await proxy(context, backend, path.replace(/\/{2,}/g, '/'));
}

async function podBackend(context: RequestContext, deps: ConnectDeps, resource: ServedResource): Promise<Backend> {
  const target = checkedTarget(context.info.name, 'pod');
  const pod = await found(deps, resource, context.info.namespace, target.name);
  const containers = (pod.spec.containers ?? []) as {
    readonly ports?: readonly { readonly containerPort: number }[];
  }[];
  const port = target.port || String(containers.find(({ ports }) => ports?.length)?.ports?.[0]?.containerPort ?? '');
  const ip = (pod.status?.podIPs?.[0]?.ip ?? '') as string;
  const at = ip === '' ? undefined : deps.podNetwork?.reach(ip, Number(port || (target.scheme === 'https' ? 443 : 80)));
  if (at === undefined && !isGlobalUnicast(ip)) throw newBadRequest('address not allowed');
  return addressed(target.scheme, ip, port, at);
}

async function serviceBackend(context: RequestContext, deps: ConnectDeps): Promise<Backend> {
  const { name, namespace } = context.info;
  const target = checkedTarget(name, 'service');
  const { ip, port } = await serviceEndpoint({ ...deps, random: Math.random }, namespace, target, name);
  return addressed(target.scheme, ip, String(port), deps.podNetwork?.reach(ip, port));
}

async function nodeBackend(context: RequestContext, deps: ConnectDeps, resource: ServedResource): Promise<Backend> {
  const target = checkedTarget(context.info.name, 'node');
  const node = await found(deps, resource, '', target.name);
  const connection = nodeConnection(node, deps.kubelet.preferredAddressTypes);
  // nodes of this process may have addresses of this machine
  if (deps.podNetwork === undefined) await checkProxyable(connection.host);
  if (target.port === '' || Number(target.port) === connection.port)
    return kubeletOf(deps, connection, '', new URLSearchParams());
  return addressed(target.scheme, connection.host, target.port, undefined);
}

function addressed(scheme: string, ip: string, port: string, at: Backend['at']): Backend {
  const host = port === '' ? (ip.includes(':') ? `[${ip}]` : ip) : hostPort(ip, port);
  return { url: new URL(`${scheme || 'http'}://${host}/`), tls: UNVERIFIED, ...(at !== undefined && { at }) };
}

function kubeletOf(
  deps: ConnectDeps,
  { host, port }: NodeConnection,
  path: string,
  query: URLSearchParams,
  insecure = false,
): Backend {
  const url = new URL(`https://${hostPort(host, port)}${path}`);
  url.search = query.toString();
  return { url, tls: kubeletTls(deps.kubelet, host, insecure) };
}

async function found(
  { store }: ConnectDeps,
  resource: ServedResource,
  namespace: string,
  name: string,
): Promise<KubeObject> {
  const object = await store.head(resource, namespace, name);
  if (object === undefined) throw newNotFound(groupResource(resource), name);
  return object;
}

async function nodeOf(deps: ConnectDeps, resource: ServedResource, pod: KubeObject): Promise<NodeConnection> {
  const { nodeName } = pod.spec;
  const node = await deps.store.head(deps.resources.builtin('', 'v1', 'nodes'), '', nodeName);
  // that the node is missing comes out as if it were a pod
  if (node === undefined) throw newNotFound(groupResource(resource), nodeName);
  return nodeConnection(node, deps.kubelet.preferredAddressTypes);
}

/** Admits a connection. @throws StatusError of who refuses it */
async function admitted(context: RequestContext, deps: ConnectDeps, resource: ServedResource): Promise<ConnectOptions> {
  const { kind, object } = connectOptions(context);
  const change = { operation: 'CONNECT', kind: { group: '', version: 'v1', kind }, object } as const;
  const attributes = attributesOf(context, resource, { dryRun: false, given: {} }, change);
  await deps.admission.mutate(attributes);
  await deps.admission.validate(attributes);
  return object;
}

/** A GET that becomes a WebSocket does no less than a POST: both must be allowed to create. @throws StatusError Forbidden */
async function checkMayCreate(
  context: RequestContext,
  { authorizer }: ConnectDeps,
  resource: ServedResource,
): Promise<void> {
  if (context.info.verb === 'create') return;
  const attributes = { ...authorizationOf(context.user, context.info), verb: 'create' };
  const { decision, reason } = await authorizer.authorize(attributes);
  if (decision !== 'allow') throw newForbidden(groupResource(resource), context.info.name, reason);
}
