import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, isNoMatchError, sleep } from 'nekube/client';
import { bundleVersion, type Channel, GATEWAY_CLASS, gatewayDefinitions } from './definitions.ts';

/** What became of an object. */
export interface Installed {
  /** As `customresourcedefinition.apiextensions.k8s.io/gateways.gateway.networking.k8s.io`. */
  readonly name: string;
  readonly action: 'created' | 'configured' | 'unchanged';
}

/** How it is installed. */
export interface InstallOptions {
  readonly channel: Channel;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

const FIELD_MANAGER = 'nekube-gateway-install';
const LONGEST_MS = 60_000;
const AGAIN_MS = 50;

interface Definition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

/**
 * Applies the definitions, then the class `nekube`, and waits until all kinds are served. Definitions of an older release
 * become those of this one; what another manager has changed in them is a Conflict.
 *
 * @throws StatusError what the server answers, as where the policy of Gateway API refuses to go back to what is older
 * @throws Error when a kind is not served after a minute
 */
export async function installGatewayApi(client: Client, options: InstallOptions): Promise<Installed[]> {
  const definitions = gatewayDefinitions(options.channel);
  const [kinds, guards] = [definitions.filter(isKind), definitions.filter((definition) => !isKind(definition))];
  // the guards come last, as they would keep out kinds of the other channel that are being installed
  const installed = [
    ...(await Promise.all(kinds.map((definition) => install(client, definition, options)))),
    ...(await Promise.all(guards.map((definition) => install(client, definition, options)))),
  ];
  const deadline = options.clock.elapsed() + LONGEST_MS;
  for (const definition of kinds) await served(client, definition as Definition, deadline, options);
  return [...installed, await install(client, GATEWAY_CLASS, options)];
}

function isKind({ kind }: KubeObject): boolean {
  return kind === 'CustomResourceDefinition';
}

async function install(client: Client, object: KubeObject, { signal }: InstallOptions): Promise<Installed> {
  const before = await found(client, object, signal);
  const group = object.apiVersion!.split('/')[0]!;
  const name = `${object.kind!.toLowerCase()}.${group}/${object.metadata.name!}`;
  // who took over the definitions of a provider or of kubectl means to
  const force = before !== undefined && bundleVersion(before) !== bundleVersion(object);
  const options = { fieldManager: FIELD_MANAGER, force, ...(signal && { signal }) };
  const applied = await client.apply<KubeObject>(object as never, options);
  if (before === undefined) return { name, action: 'created' };
  const isSame = applied.metadata.resourceVersion === before.metadata.resourceVersion;
  return { name, action: isSame ? 'unchanged' : 'configured' };
}

function found(client: Client, object: KubeObject, signal?: AbortSignal): Promise<KubeObject | undefined> {
  const kind = { apiVersion: object.apiVersion!, kind: object.kind! };
  const read = { metadataOnly: true, ...(signal && { signal }) };
  return orNothing(() => client.get<KubeObject>(kind, { name: object.metadata.name! }, read));
}

async function served(client: Client, { spec }: Definition, deadline: number, options: InstallOptions): Promise<void> {
  const version = spec.versions.find((one) => one.served)!.name;
  const kind = { apiVersion: `${spec.group}/${version}`, kind: spec.names.kind };
  const list = (): Promise<unknown> =>
    client.list(kind, { limit: 1, ...(options.signal && { signal: options.signal }) });
  while ((await orNothing(list)) === undefined) {
    if (options.clock.elapsed() > deadline) throw new Error(`${kind.kind} is not served after a minute`);
    await sleep(AGAIN_MS, options.clock, options.signal);
  }
}

/** Undefined for what does not exist, or is of a kind that is not served. */
async function orNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isNoMatchError(error)) return undefined;
    throw error;
  }
}
