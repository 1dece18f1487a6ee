import {
  formatLabelSelector,
  invalid,
  type JsonValue,
  type KubeObject,
  newConflict,
  newInvalid,
  newNotFound,
  Path,
} from 'nekube/apimachinery';
import { decodeBody, readBody } from '../body.ts';
import type { RequestContext } from '../context.ts';
import { scaleEntriesOf, withScaleEntries } from '../field-manager/index.ts';
import { parsePatch, patchOptions, patchTypeOf } from '../handlers/patch.ts';
import { attributesOf, checkName, managerOf, storeOptions } from '../handlers/write.ts';
import { type MutateOptions, parseMutateOptions } from '../options.ts';
import { sendObject } from '../respond.ts';
import { scaleResource } from '../registry/scale-resource.ts';
import type { ServedResource } from '../registry/served.ts';
import { groupResource, matchNamespace } from '../registry/store.ts';
import type { ServerDeps } from '../routes.ts';
import { bodyTypeOfKind } from './body-types.ts';

/** GET, PUT and PATCH of the Scale of an object (autoscaling/v1). */
export async function handleScale(context: RequestContext, deps: ServerDeps, resource: ServedResource): Promise<void> {
  const { verb, namespace, name } = context.info;
  if (verb === 'get') {
    const stored = await deps.store.get(resource, namespace, name);
    return sendObject(context, 200, scaleOf(resource, deps.store.decode(resource, stored), false));
  }
  const scale = scaleResource(() => context.now);
  if (verb === 'update') {
    const bytes = await readBody(context.request);
    const options = parseMutateOptions('Update', context.query);
    const given = decodeBody(context, bytes, bodyTypeOfKind('autoscaling/v1', 'Scale'), options.fieldValidation);
    checkName(context, given);
    matchNamespace(resource, namespace, given);
    return writeScale(context, deps, resource, options, (live) =>
      scale.fieldManager('scale').update(live, structuredClone(given), managerOf(context, options)),
    );
  }
  const type = patchTypeOf(context, true, resource.custom);
  const bytes = await readBody(context.request);
  const options = patchOptions(context, type);
  const patcher = parsePatch(context, scale, type, bytes, options);
  return writeScale(context, deps, resource, options, (live) => {
    const patched = patcher.apply(live);
    matchNamespace(resource, namespace, patched);
    checkName(context, patched);
    return patched;
  });
}

async function writeScale(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
  options: MutateOptions,
  change: (live: KubeObject) => KubeObject,
): Promise<void> {
  const { namespace, name } = context.info;
  const transform = async (current: KubeObject | undefined): Promise<KubeObject> => {
    if (current === undefined) throw newNotFound(groupResource(resource), name);
    const scale = change(scaleOf(resource, current, true));
    const object = scaled(resource, structuredClone(current), scale);
    await deps.admission.mutate(
      attributesOf(context, resource, options.dryRun, { operation: 'UPDATE', object, old: current }),
    );
    return object;
  };
  const { entry } = await deps.store.update(resource, namespace, name, transform, {
    ...storeOptions(context, deps, resource, options.dryRun),
    rules: resource.rules,
  });
  sendObject(context, 200, scaleOf(resource, deps.store.decode(resource, entry), false));
}

/** The scale of an object of the hub version; with its owners only for the field manager. */
function scaleOf(resource: ServedResource, object: KubeObject, owners: boolean): KubeObject {
  const { replicas, statusReplicas, selector } = scalePaths(resource);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const managedFields = owners ? scaleEntriesOf(object.metadata.managedFields, ownedPaths(resource)) : undefined;
  const text = selectorText(valueAt(object, selector));
  const status = { replicas: Number(valueAt(object, statusReplicas) ?? 0), ...(text !== '' && { selector: text }) };
  const wanted = Number(valueAt(object, replicas) ?? 0);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name && { name }),
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(creationTimestamp && { creationTimestamp }),
      ...(managedFields && { managedFields }),
    },
    spec: wanted === 0 ? {} : { replicas: wanted },
    status,
  };
}

/** The object with the replicas, and the owners of them, of a changed scale. @throws StatusError */
function scaled(resource: ServedResource, object: KubeObject, scale: KubeObject): KubeObject {
  const wanted = scale.spec?.replicas ?? 0;
  const { uid } = scale.metadata;
  if (wanted < 0) {
    const error = invalid(Path.of('spec', 'replicas'), wanted, 'must be greater than or equal to 0');
    throw newInvalid({ group: 'autoscaling', resource: 'Scale' }, object.metadata.name ?? '', [error]);
  }
  if (uid && uid !== object.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`;
    throw newConflict(
      { group: resource.group, resource: `${resource.resource}/scale` },
      object.metadata.name ?? '',
      why,
    );
  }
  setAt(object, scalePaths(resource).replicas, wanted);
  if (scale.metadata.resourceVersion) object.metadata.resourceVersion = scale.metadata.resourceVersion;
  else delete object.metadata.resourceVersion;
  const entries = withScaleEntries(
    object.metadata.managedFields,
    scale.metadata.managedFields,
    resource.hubApiVersion,
    ownedPaths(resource),
  );
  if (entries === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = entries;
  return object;
}

function scalePaths(resource: ServedResource): { replicas: string; statusReplicas: string; selector: string } {
  return (
    resource.rules.scale ?? { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' }
  );
}

function ownedPaths(resource: ServedResource): Record<string, readonly string[]> {
  return { [resource.hubApiVersion]: scalePaths(resource).replicas.split('.') };
}

function valueAt(object: KubeObject, path: string): JsonValue | undefined {
  return path
    .split('.')
    .reduce<JsonValue | undefined>(
      (value, step) => (value as Record<string, JsonValue> | undefined)?.[step],
      object as unknown as JsonValue,
    );
}

function setAt(object: KubeObject, path: string, value: JsonValue): void {
  const steps = path.split('.');
  const last = steps.pop()!;
  let holder = object as unknown as Record<string, JsonValue>;
  for (const step of steps) holder = (holder[step] ??= {}) as Record<string, JsonValue>;
  holder[last] = value;
}

/** A selector as Scale shows it: its text, whether it is one of labels, a LabelSelector, or a text already. */
function selectorText(selector: JsonValue | undefined): string {
  if (typeof selector === 'string') return selector;
  if (selector === undefined || selector === null) return '';
  const isLabelSelector = Object.keys(selector).every((key) => key === 'matchLabels' || key === 'matchExpressions');
  return formatLabelSelector(
    (isLabelSelector ? selector : { matchLabels: selector }) as Parameters<typeof formatLabelSelector>[0],
  );
}
