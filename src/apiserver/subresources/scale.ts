import {
  cloneJson,
  formatLabelSelector,
  formatTime,
  invalid,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  newConflict,
  newInternalError,
  newInvalid,
  newNotFound,
  Path,
} from 'nekube/apimachinery';
import { decodeBody, parseYamlText, readBody } from '../body.ts';
import type { RequestContext } from '../context.ts';
import { goOn, type ReplicasPaths, scaleEntriesOf, withScaleEntries } from '../field-manager/index.ts';
import { APPLY_PATCH, decisionsOf, parsePatch, patchOptions, patchTypeOf } from '../handlers/patch.ts';
import { attributesOf, checkName, managerOf, storeOptions } from '../handlers/write.ts';
import { type MutateOptions, parseMutateOptions } from '../options.ts';
import { sendEncoded } from '../respond.ts';
import { scaleResource } from '../registry/scale-resource.ts';
import { groupResource, type ServedResource } from '../registry/served.ts';
import { matchNamespace } from '../registry/prepare.ts';
import { plainError } from '../errors.ts';
import { View } from '../view.ts';
import type { ServerDeps } from '../server-deps.ts';
import { bodyTypeOfKind } from './body-types.ts';

const ASKED = { operation: 'UPDATE', kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } } as const;

/** GET, PUT and PATCH of the Scale of an object (autoscaling/v1). */
export async function handleScale(context: RequestContext, deps: ServerDeps, resource: ServedResource): Promise<void> {
  const { verb, namespace, name } = context.info;
  if (verb === 'get') {
    const object = deps.store.decode(resource, await deps.store.get(resource, namespace, name));
    if (resource.custom && valueAt(object, scalePaths(resource).replicas) === undefined)
      throw newInternalError(`the spec replicas field "${pathOf(resource)}" does not exist`);
    return sendScale(context, resource, object);
  }
  const scale = scaleResource();
  if (verb === 'update') {
    const bytes = await readBody(context.request);
    const options = parseMutateOptions('Update', context.query);
    const given = decodeBody(context, bytes, bodyTypeOfKind('autoscaling/v1', 'Scale'), options.fieldValidation);
    checkName(context, given);
    matchNamespace(resource, namespace, given);
    const change = (live: KubeObject) =>
      scale.fieldManager('scale').update(live, cloneJson(given), managerOf(context, options));
    return writeScale(context, deps, resource, options, change, given.metadata.uid);
  }
  const type = patchTypeOf(context, !resource.custom, resource.custom);
  const bytes = await readBody(context.request);
  const options = patchOptions(context, type);
  context.audit?.requestPatch(bytes);
  const patcher = parsePatch(context, scale, type, bytes, options);
  const decisions = await decisionsOf(context, deps, resource, patcher, options);
  const change = (live: KubeObject, current: KubeObject) => {
    const whole = (scale: KubeObject) => scaled(resource, cloneJson(current), scale);
    return goOn(patcher.apply(live, decisions?.about(current, whole)), (patched) => {
      if (resource.custom && type === APPLY_PATCH) throw notConvertible(bytes);
      matchNamespace(resource, namespace, patched);
      checkName(context, patched);
      return patched;
    });
  };
  const write = () => writeScale(context, deps, resource, options, change);
  return decisions ? decisions.report(write) : write();
}

async function writeScale(
  context: RequestContext,
  deps: ServerDeps,
  resource: ServedResource,
  options: MutateOptions,
  change: (live: KubeObject, current: KubeObject) => KubeObject | Promise<KubeObject>,
  uid?: string,
): Promise<void> {
  const { namespace, name } = context.info;
  const transform = async (current: KubeObject | undefined): Promise<KubeObject> => {
    if (current === undefined) throw newNotFound(groupResource(resource), name);
    const old = scaleOf(resource, current, true);
    const changed = change(scaleOf(resource, current, true), current);
    const scale = timed(changed instanceof Promise ? await changed : changed, context.now);
    await deps.admission.mutate(attributesOf(context, resource, options, { ...ASKED, object: scale, old }));
    return scaled(resource, cloneJson(current), scale);
  };
  const { entry } = await deps.store.update(resource, namespace, name, transform, {
    ...storeOptions(context, deps, resource, options),
    rules: resource.rules,
    validate: (object, old) => {
      const shown = { object: scaleOf(resource, object, false), old: scaleOf(resource, old!, false) };
      return deps.admission.validate(attributesOf(context, resource, options, { ...ASKED, ...shown }));
    },
    ...(uid && { uid }),
  });
  sendScale(context, resource, deps.store.decode(resource, entry));
}

/** Entries that are made now have no time, see {@link scaleResource}; admission sees one. */
function timed(scale: KubeObject, now: Date): KubeObject {
  const { managedFields } = scale.metadata;
  const entries = managedFields?.map((entry) =>
    Date.parse(entry.time ?? '') === 0 ? { ...entry, time: formatTime(now) } : entry,
  );
  return entries === undefined ? scale : { ...scale, metadata: { ...scale.metadata, managedFields: entries } };
}

function sendScale(context: RequestContext, resource: ServedResource, object: KubeObject): void {
  const shown = scaleResource(resource.custom);
  const body = new View(context, shown).unstored(scaleOf(resource, object, false));
  sendEncoded(context, 200, body);
}

/** The Scale of a custom resource cannot be applied: what comes out is to be converted as if it were of its group. */
function notConvertible(applied: Buffer): Error {
  const { metadata } = parseYamlText(applied.toString()).value as unknown as KubeObject;
  const who = `${metadata.namespace ?? ''}/${metadata.name ?? ''}; autoscaling/v1, Kind=Scale`;
  const why = 'request to convert CR to an invalid group/version: autoscaling/v1';
  return plainError(`failed to convert new object (${who}) to proper version: ${why}`);
}

/** The scale of an object of the hub version; with its owners only for the field manager. */
function scaleOf(resource: ServedResource, object: KubeObject, owners: boolean): KubeObject {
  const { replicas, statusReplicas, selector } = scalePaths(resource);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const managedFields = owners ? scaleEntriesOf(object.metadata.managedFields, ownedPaths(resource)) : undefined;
  const text = selectorText(valueAt(object, selector));
  const status = { replicas: Number(valueAt(object, statusReplicas) ?? 0), ...(text !== '' && { selector: text }) };
  // a custom resource may have no replicas; what writes see then is a number that must be replaced
  const unset = resource.custom && owners ? UNSET : 0;
  const wanted = Number(valueAt(object, replicas) ?? unset);
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
  if (resource.custom && wanted === UNSET)
    throw newBadRequest(`the spec replicas field "${pathOf(resource)}" cannot be empty`);
  if (wanted < 0 && !resource.custom) {
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
  else if (!resource.custom) delete object.metadata.resourceVersion;
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

/** The smallest int32. */
const UNSET = -(2 ** 31);

/** The path of the wanted replicas as a definition spells it. */
function pathOf(resource: ServedResource): string {
  return `.${scalePaths(resource).replicas}`;
}

/** Where the replicas are in each version; objects of built-in kinds are in their hub version here. */
function ownedPaths(resource: ServedResource): ReplicasPaths {
  return resource.replicasPaths ?? { [resource.hubApiVersion]: scalePaths(resource).replicas.split('.') };
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
