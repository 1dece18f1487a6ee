import { type FieldError, forbidden, invalid, type KubeObject, newBadRequest, newInvalid } from 'nekube/apimachinery';
import { normalizeObject, typeOf } from 'nekube/api';
import type { RequestContext } from '../context.ts';
import { isTrue } from '../request-info.ts';

/** The kinds of the options that connections are admitted with. */
const KINDS: Readonly<Record<string, string>> = {
  'pods/exec': 'PodExecOptions',
  'pods/attach': 'PodAttachOptions',
  'pods/portforward': 'PodPortForwardOptions',
  'pods/proxy': 'PodProxyOptions',
  'services/proxy': 'ServiceProxyOptions',
  'nodes/proxy': 'NodeProxyOptions',
};

/** What a connection is asked for with. */
export interface ConnectOptions extends KubeObject {
  readonly path?: string;
  readonly ports?: readonly number[];
  readonly container?: string;
  readonly command?: readonly string[];
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly tty?: boolean;
}

/** The options of a connection as an object, from its query and the path that it goes on with. */
export function connectOptions({ info, query }: RequestContext): { kind: string; object: ConnectOptions } {
  const kind = KINDS[`${info.resource}/${info.subresource}`]!;
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
  return { kind, object: normalizeObject(typeOf('v1', kind)!, options as unknown as KubeObject) as ConnectOptions };
}

/** The query of a log as the kubelet takes it. @throws StatusError Invalid for options of a log that cannot be */
export function logQuery(query: URLSearchParams, pod: string): URLSearchParams {
  checkLogOptions(query, pod);
  const asked = new URLSearchParams();
  for (const flag of ['follow', 'previous', 'timestamps']) if (isTrue(query.get(flag))) asked.set(flag, 'true');
  for (const number of ['sinceSeconds', 'tailLines', 'limitBytes'])
    if (query.get(number)) asked.set(number, String(Number(query.get(number))));
  const since = query.get('sinceTime');
  if (since) asked.set('sinceTime', since);
  asked.sort();
  return asked;
}

/** @throws StatusError Invalid */
function checkLogOptions(query: URLSearchParams, pod: string): void {
  const errors: FieldError[] = [];
  const check = (name: string, least: number, text: string): void => {
    const value = query.has(name) ? Number(query.get(name)) : least;
    if (value < least) errors.push(invalid(name, value, text));
  };
  check('tailLines', 0, 'must be greater than or equal to 0');
  check('limitBytes', 1, 'must be greater than 0');
  if (query.has('sinceSeconds') && query.has('sinceTime'))
    errors.push(forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  else check('sinceSeconds', 1, 'must be greater than 0');
  if (query.has('stream')) errors.push(forbidden('stream', 'may not be specified'));
  if (errors.length > 0) throw newInvalid({ group: '', resource: 'PodLogOptions' }, pod, errors);
}

/** The container of a pod that is meant. @throws StatusError BadRequest if it is not said, or is not there */
export function containerOf(asked: string, pod: KubeObject): string {
  const { spec, metadata } = pod;
  // in this order they are listed
  const lists = [spec.initContainers, spec.containers, spec.ephemeralContainers] as ({ name: string }[] | undefined)[];
  const names = lists.flatMap((list) => (list ?? []).map(({ name }) => name));
  if (asked !== '') {
    if (!names.includes(asked)) throw newBadRequest(`container ${asked} is not valid for pod ${metadata.name}`);
    return asked;
  }
  const containers = (spec.containers ?? []) as { name: string }[];
  if (containers.length === 1) return containers[0]!.name;
  const which = containers.length === 0 ? '' : `, choose one of: [${names.join(' ')}]`;
  throw newBadRequest(`a container name must be specified for pod ${metadata.name}${which}`);
}
