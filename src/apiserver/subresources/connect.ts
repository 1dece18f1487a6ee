import {
  type FieldError,
  forbidden,
  invalid,
  type KubeObject,
  newBadRequest,
  newFailure,
  newInternalError,
  newInvalid,
  newNotFound,
} from 'nekube/apimachinery';
import { normalizeObject, typeOf } from 'nekube/api';
import { readBody } from '../body.ts';
import type { RequestContext } from '../context.ts';
import { attributesOf } from '../handlers/write.ts';
import { isTrue } from '../request-info.ts';
import { writeHead } from '../respond.ts';
import { groupResource, type ServedResource } from '../registry/served.ts';
import type { ServerDeps } from '../server-deps.ts';

const KUBELET_PORT = 10250;

/**
 * exec, attach, log, port-forward and proxy: this server has no way to a node, so it answers as kube-apiserver does
 * for a pod that is on no node, or on one that cannot be reached.
 *
 * @throws StatusError always
 */
export async function handleConnect(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
): Promise<void> {
  const { name, namespace, subresource } = context.info;
  await readBody(context.request);
  if (subresource === 'log') checkLogOptions(context.query, name);
  else await admitConnect(context, deps, resource);
  const bare = name.split(':').at(name.includes(':') ? 1 : 0) ?? name;
  const object = await deps.store.head(resource, namespace, subresource === 'proxy' ? bare : name);
  if (object === undefined) throw newNotFound(groupResource(resource), subresource === 'proxy' ? bare : name);
  if (resource.resource === 'services') throw noEndpoints(bare);
  if (resource.resource === 'nodes') throw unreachable(object.status?.addresses?.[0]?.address ?? bare);
  if (subresource === 'proxy') throw newBadRequest('address not allowed');
  const container = containerOf(context, object.spec.containers ?? [], name);
  const node = object.spec.nodeName ?? '';
  if (node === '') {
    if (subresource === 'log') {
      writeHead(context, 204, {});
      context.response.end();
      return;
    }
    throw newBadRequest(`pod ${name} does not have a host assigned`);
  }
  const nodes = deps.resources.builtin('', 'v1', 'nodes');
  const host = await deps.store.head(nodes, '', node);
  // that the node is missing comes out as if it were a pod
  if (host === undefined) throw newNotFound(groupResource(resource), node);
  throw unreachable(`${host.status?.addresses?.[0]?.address ?? node}:${KUBELET_PORT} (container ${container})`);
}

/** The kinds of the options that connections are admitted with. */
const OPTIONS: Readonly<Record<string, string>> = {
  'pods/exec': 'PodExecOptions',
  'pods/attach': 'PodAttachOptions',
  'pods/portforward': 'PodPortForwardOptions',
  'pods/proxy': 'PodProxyOptions',
  'services/proxy': 'ServiceProxyOptions',
  'nodes/proxy': 'NodeProxyOptions',
};

async function admitConnect(context: RequestContext, deps: ServerDeps, resource: ServedResource): Promise<void> {
  const kind = OPTIONS[`${resource.resource}/${context.info.subresource}`]!;
  const object = normalizeObject(typeOf('v1', kind)!, connectOptions(context, kind));
  const change = { operation: 'CONNECT', kind: { group: '', version: 'v1', kind }, object } as const;
  const attributes = attributesOf(context, resource, { dryRun: false, given: {} }, change);
  await deps.admission.mutate(attributes);
  await deps.admission.validate(attributes);
}

/** The options of a connection as an object, from its query and the path that it goes on with. */
function connectOptions({ info, query }: RequestContext, kind: string): KubeObject {
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].filter((flag) => isTrue(query.get(flag)));
  const path = info.rest.length > 0 ? `/${info.rest.join('/')}${info.path.endsWith('/') ? '/' : ''}` : '';
  const ports = query.getAll('ports').map(Number);
  const options = {
    kind,
    apiVersion: 'v1',
    ...(kind.endsWith('ProxyOptions') && path !== '' && { path }),
    ...(kind === 'PodPortForwardOptions' && ports.length > 0 && { ports }),
    ...(['PodExecOptions', 'PodAttachOptions'].includes(kind) && {
      ...Object.fromEntries(flags.map((flag) => [flag, true])),
      ...(query.get('container') && { container: query.get('container') }),
      ...(kind === 'PodExecOptions' && query.has('command') && { command: query.getAll('command') }),
    }),
  };
  return options as unknown as KubeObject;
}

/** @throws StatusError Invalid for options of a log that cannot be */
function checkLogOptions(query: URLSearchParams, pod: string): void {
  const errors: FieldError[] = [];
  const check = (name: string, least: number, text: string): void => {
    const value = query.has(name) ? Number(query.get(name)) : least;
    if (value < least) errors.push(invalid(name, value, text));
  };
  check('tailLines', 0, 'must be greater than or equal to 0');
  check('limitBytes', 1, 'must be greater than 0');
  if (query.has('sinceSeconds') && query.has('sinceTime'))
    errors.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  else check('sinceSeconds', 1, 'must be greater than 0');
  if (errors.length > 0) throw newInvalid({ group: '', resource: 'PodLogOptions' }, pod, errors);
}

/** The container that is meant. @throws StatusError BadRequest if it is not said, or is not there */
function containerOf(context: RequestContext, containers: readonly { name: string }[], pod: string): string {
  const asked = context.query.get('container') ?? '';
  if (asked === '' && containers.length > 1) {
    const names = containers.map((c) => c.name).join(' ');
    throw newBadRequest(`a container name must be specified for pod ${pod}, choose one of: [${names}]`);
  }
  if (asked !== '' && !containers.some((c) => c.name === asked))
    throw newBadRequest(`container ${asked} is not valid for pod ${pod}`);
  return asked || (containers[0]?.name ?? '');
}

function unreachable(where: string): Error {
  return newInternalError(`error dialing backend: dial tcp ${where}: connect: connection refused`);
}

function noEndpoints(service: string): Error {
  return newFailure(503, 'ServiceUnavailable', `no endpoints available for service "${service}"`);
}
