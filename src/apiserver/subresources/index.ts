/**
 * Endpoints below an object: those that have the object's own form go through the main handlers with rules of their
 * own (`status`, `approval`, …), the others are here.
 * Those that lead to a node or a pod (exec, attach, log, port-forward, proxy) are in `connect/`.
 */
import type { RequestContext } from '../context.ts';
import { methodNotAllowed } from '../errors.ts';
import { handleGet } from '../handlers/read.ts';
import { handlePatch } from '../handlers/patch.ts';
import { handleUpdate } from '../handlers/write.ts';
import type { ServedResource } from '../registry/served.ts';
import type { ServerDeps } from '../server-deps.ts';
import { handleBinding } from './binding.ts';
import { handleConnect } from '../connect/handle-connect.ts';
import { handleEviction } from './eviction.ts';
import { handleFinalize } from './finalize.ts';
import { handleScale } from './scale.ts';
import { handleToken } from './token.ts';

/** Serves one endpoint. */
export type SubresourceHandler = (context: RequestContext, deps: ServerDeps, resource: ServedResource) => Promise<void>;

const HANDLERS: Readonly<Record<string, SubresourceHandler>> = {
  scale: handleScale,
  'pods/binding': handleBinding,
  'pods/eviction': handleEviction,
  'pods/exec': handleConnect,
  'pods/attach': handleConnect,
  'pods/portforward': handleConnect,
  'pods/log': handleConnect,
  'pods/proxy': handleConnect,
  'services/proxy': handleConnect,
  'nodes/proxy': handleConnect,
  'namespaces/finalize': handleFinalize,
  'serviceaccounts/token': handleToken,
};

/**
 * The handler of a subresource; undefined if the resource has none of that name.
 *
 * @throws StatusError MethodNotAllowed
 */
export function findSubresource(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
): (() => Promise<void>) | undefined {
  const { subresource: name, verb } = context.info;
  const subresource = resource.subresources.find((s) => s.name === name);
  if (subresource === undefined) return undefined;
  const handler = HANDLERS[`${resource.resource}/${name}`] ?? HANDLERS[name] ?? handleOwnForm;
  const asked = handler === handleConnect && verb === 'list' ? 'get' : verb;
  if (!subresource.verbs.includes(asked)) throw methodNotAllowed();
  return () => handler(context, deps, resource);
}

/** An endpoint that shows and takes the object itself. */
async function handleOwnForm(context: RequestContext, deps: ServerDeps, resource: ServedResource): Promise<void> {
  const { verb } = context.info;
  if (verb === 'get') return handleGet(context, resource, deps.store, deps.storage);
  if (verb === 'update') return handleUpdate(context, deps, resource);
  return handlePatch(context, deps, resource);
}
