import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RemoteStreams } from 'nekube/streaming';
import { serveAttach } from './attach.ts';
import { logOptions, sendContainerLog } from './container-logs.ts';
import { runToEnd, serveExec } from './exec.ts';
import type { CommandLine, NodeHost, ServedContainer, ServedPod } from './host.ts';
import { HttpError } from './http-error.ts';
import { isPort, servePortForward } from './port-forward.ts';
import { openStreams } from './remote-streams.ts';
import { resourceMetrics, statsSummary } from './stats.ts';

/** A request that may be served. */
export interface NodeRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Takes the connection for another protocol; absent where none is asked for. */
  readonly take?: () => Duplex;
}

/** Serves a request to a node. @throws HttpError */
export async function serveNode(host: NodeHost, call: NodeRequest, now: () => number): Promise<void> {
  const { url, response, request } = call;
  const [root = '', ...rest] = url.pathname.slice(1).split('/').map(decoded);
  const is = (path: string): boolean => url.pathname === path || url.pathname === `${path}/`;
  const isGet = request.method === 'GET';
  if (isGet && (is('/healthz') || url.pathname.startsWith('/healthz/'))) return send(response, 'text/plain', 'ok');
  if (isGet && is('/pods')) return send(response, 'application/json', podList(host));
  if (isGet && is('/runningpods')) return send(response, 'application/json', podList(host, true));
  if (isGet && is('/stats/summary'))
    return send(response, 'application/json', JSON.stringify(statsSummary(host, new Date(now()))));
  if (isGet && (is('/metrics/resource') || is('/metrics')))
    return send(response, 'text/plain; version=0.0.4; charset=utf-8', resourceMetrics(host, new Date(now())));
  switch (root) {
    case 'containerLogs':
      if (isGet && rest.length === 3) return serveLogs(host, call, rest, now);
      break;
    case 'exec':
    case 'attach':
      if (rest.length === 3 || rest.length === 4) return serveRemote(host, call, root, rest);
      break;
    case 'portForward':
      if (rest.length === 2 || rest.length === 3) return serveForward(host, call, rest);
      break;
    case 'run':
      if (request.method === 'POST' && (rest.length === 3 || rest.length === 4)) return serveRun(host, call, rest);
      break;
  }
  throw new HttpError(404, '404: Page Not Found');
}

async function serveLogs(
  host: NodeHost,
  { url, response }: NodeRequest,
  [namespace = '', name = '', container = '']: readonly string[],
  now: () => number,
): Promise<void> {
  const options = logOptions(url.searchParams, now());
  const pod = host.pod(namespace, name);
  if (pod === undefined) throw new HttpError(404, `pod "${name}" does not exist`);
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.object.spec;
  if (![...initContainers, ...containers, ...ephemeralContainers].some((one) => one.name === container))
    throw new HttpError(404, `container "${container}" not found in pod "${name}"`);
  await sendContainerLog(response, pod, container, options);
}

/** exec and attach. */
async function serveRemote(
  host: NodeHost,
  { request, url, take }: NodeRequest,
  kind: 'exec' | 'attach',
  rest: readonly string[],
): Promise<void> {
  const wanted = streamsOf(url.searchParams);
  const { pod, container, name } = containerOf(host, rest, kind);
  if (take === undefined) throw new HttpError(400, 'Upgrade request required');
  if (kind === 'attach') {
    const connection = await openStreams(request, take, wanted);
    return connection && serveAttach(pod, name, container, connection);
  }
  const line = await commandLine(container, url.searchParams.getAll('command'));
  const connection = await openStreams(request, take, wanted);
  return connection && serveExec(line, connection, wanted.tty);
}

/** @throws HttpError why it cannot be run there */
async function commandLine(container: ServedContainer, words: readonly string[]): Promise<CommandLine> {
  try {
    return await container.command(words);
  } catch (error) {
    throw new HttpError(500, error instanceof Error ? error.message : String(error));
  }
}

/** @throws HttpError */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, `invalid URL escape in ${JSON.stringify(part)}`);
  }
}

async function serveForward(
  host: NodeHost,
  { request, url, take }: NodeRequest,
  rest: readonly string[],
): Promise<void> {
  const [namespace = '', name = '', uid = ''] = rest;
  const pod = podOf(host, namespace, name, uid);
  if (pod === undefined) throw new HttpError(404, 'pod does not exist');
  if (take === undefined) throw new HttpError(400, 'Upgrade request required');
  const ports = url.searchParams.getAll('port').flatMap((text) => text.split(','));
  const wrong = ports.find((port) => !isPort(port));
  if (wrong !== undefined) throw new HttpError(400, `unable to parse "${wrong}" as a port`);
  await servePortForward(request, take(), pod, ports.map(Number));
}

async function serveRun(host: NodeHost, { url, response }: NodeRequest, rest: readonly string[]): Promise<void> {
  const { container } = containerOf(host, rest, 'exec');
  const words = (url.searchParams.get('cmd') ?? '').split(' ').filter((word) => word !== '');
  const { code, output } = await runToEnd(await commandLine(container, words));
  if (code !== 0) throw new HttpError(500, `command terminated with exit code ${code}: ${output.toString()}`);
  send(response, 'text/plain', output);
}

function containerOf(
  host: NodeHost,
  rest: readonly string[],
  kind: 'exec' | 'attach',
): { pod: ServedPod; container: ServedContainer; name: string } {
  const [namespace = '', podName = ''] = rest;
  const name = rest.at(-1)!;
  const pod = podOf(host, namespace, podName, rest.length === 4 ? rest[2]! : '');
  if (pod === undefined) throw new HttpError(404, 'pod does not exist');
  const container = pod.running(name);
  if (container !== undefined) return { pod, container, name };
  throw new HttpError(
    500,
    kind === 'exec' ? `container not found ("${name}")` : `container ${name} not found in pod ${podName}_${namespace}`,
  );
}

function podOf(host: NodeHost, namespace: string, name: string, uid: string): ServedPod | undefined {
  const pod = host.pod(namespace, name);
  return uid === '' || pod?.object.metadata.uid === uid ? pod : undefined;
}

/** @throws HttpError for none at all */
function streamsOf(query: URLSearchParams): RemoteStreams {
  const is = (name: string): boolean => query.get(name) === '1';
  const tty = is('tty');
  const wanted = { stdin: is('input'), stdout: is('output'), stderr: is('error') && !tty, tty };
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr)
    throw new HttpError(400, 'you must specify at least 1 of stdin, stdout, stderr');
  return wanted;
}

function podList(host: NodeHost, onlyRunning = false): string {
  const pods = host.pods().filter(({ status }) => !onlyRunning || status?.phase === 'Running');
  return JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods });
}

function send(response: ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
