import {
  aggregateErrors,
  type FieldError,
  formatTime,
  type KubeObject,
  newBadRequest,
  newConflict,
  newNotFound,
  notSupported,
  Path,
  required,
} from 'nekube/apimachinery';
import { decodeBody, readBody } from '../body.ts';
import type { RequestContext } from '../context.ts';
import { admitPosted, managerOf, storeOptions } from '../handlers/write.ts';
import { type MutateOptions, parseMutateOptions } from '../options.ts';
import { subresourceFieldManager } from '../registry/field-managers.ts';
import { sendStatus } from '../respond.ts';
import { groupResource, type ServedResource } from '../registry/served.ts';
import type { ServerDeps } from '../server-deps.ts';
import { plainError } from '../errors.ts';
import { bodyTypeOfKind } from './body-types.ts';

const BINDING = { group: '', version: 'v1', kind: 'Binding' };

/**
 * POST of a Binding, to `pods/NAME/binding` or, in its old form, to `bindings`: assigns a pod to a node.
 *
 * @param resource pods
 */
export async function handleBinding(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
): Promise<void> {
  const options = parseMutateOptions('Create', context.query);
  const type = bodyTypeOfKind('v1', 'Binding');
  const binding = decodeBody(context, await readBody(context.request), type, options.fieldValidation);
  const name = binding.metadata.name ?? '';
  subresourceFieldManager('v1', 'Binding', context.info.subresource, () => context.now).update(
    undefined,
    binding,
    managerOf(context, options),
  );
  const posted = { resource: postedTo(context, deps, resource), kind: BINDING, object: binding, options };
  await admitPosted(context, deps, posted, () => {
    if (context.info.subresource !== '' && name !== context.info.name)
      throw newBadRequest('name in URL does not match name in Binding object');
    checkTarget(binding);
  });
  await bindPod(context, deps, resource, binding, options);
  sendStatus(context, 201, { status: 'Success', code: 201 });
}

function postedTo({ info }: RequestContext, { resources }: ServerDeps, pods: ServedResource): ServedResource {
  return info.subresource === '' ? resources.builtin('', 'v1', 'bindings') : pods;
}

function checkTarget(binding: KubeObject): void {
  const { kind = '', name = '' } = binding.target ?? {};
  const path = Path.of('target');
  const errors: FieldError[] = [];
  if (kind !== '' && kind !== 'Node') errors.push(notSupported(path.child('kind'), kind, ['Node', '<empty>']));
  if (name === '') errors.push(required(path.child('name')));
  if (errors.length === 0) return;
  throw plainError(aggregateErrors(errors));
}

async function bindPod(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
  binding: KubeObject,
  options: MutateOptions,
): Promise<void> {
  const { namespace } = context.info;
  const name = binding.metadata.name ?? '';
  const conflict = (why: string) => newConflict({ group: '', resource: 'pods/binding' }, name, why);
  const bound = (pod: KubeObject | undefined) => {
    if (pod === undefined) throw newNotFound(groupResource(resource), name);
    return assign(pod, binding, context.now, conflict);
  };
  await deps.store.update(resource, namespace, name, bound, {
    ...storeOptions(context, deps, resource, options),
    rules: {},
    validate: () => {},
  });
}

/** The pod on its node, as scheduled; @throws what `conflict` makes of a pod that cannot be bound */
function assign(stored: KubeObject, binding: KubeObject, now: Date, conflict: (why: string) => Error): KubeObject {
  const pod = structuredClone(stored);
  const { name, uid, deletionTimestamp } = pod.metadata;
  const wanted = binding.metadata.uid;
  if (wanted && wanted !== uid)
    throw conflict(`Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${uid}`);
  if (deletionTimestamp) throw conflict(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw conflict(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if ((pod.spec.schedulingGates?.length ?? 0) > 0) throw conflict(`pod ${name} has non-empty .spec.schedulingGates`);
  pod.spec.nodeName = binding.target.name;
  pod.metadata.annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations };
  if (Object.keys(pod.metadata.annotations).length === 0) delete pod.metadata.annotations;
  const { labels = {} } = binding.metadata;
  if (Object.keys(labels).length > 0) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
  const time = formatTime(now);
  const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: time };
  const conditions: { readonly type: string }[] = pod.status.conditions ?? [];
  const isKnown = conditions.some(({ type }) => type === condition.type);
  const replaced = conditions.map((one) => (one.type === condition.type ? condition : one));
  pod.status.conditions = isKnown ? replaced : [...conditions, condition];
  // a hint that others must not act upon any more
  delete pod.status.nominatedNodeName;
  return pod;
}
