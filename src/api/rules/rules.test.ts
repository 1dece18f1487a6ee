import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  applyMergePatch,
  type FieldError,
  type JsonObject,
  type KubeObject,
  isStatusError,
  newInvalid,
  type StatusCause,
} from 'nekube/apimachinery';
import { convert } from '../conversion.ts';
import { decodeObject, normalizeObject } from '../decode.ts';
import { type BuiltinResource, findResource } from '../resources.ts';
import { typeOf } from '../types/type.ts';
import {
  AllocationError,
  allocateServiceCreate,
  allocateServiceUpdate,
  type IpFamily,
} from './core/service-allocation.ts';
import { MemoryServiceAllocator } from './core/service-ranges.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './meta.ts';
import type { WriteContext, WriteRules } from './resource-rules.ts';

/**
 * Runs the steps in testdata/ through defaults, preparation and validation, and compares with what a kube-apiserver
 * answered (see tools/record-rules.mjs). Steps of a file build on each other; each object starts as the recorded one.
 */
interface Step {
  readonly name: string;
  /** `v1/pods`, `apps/v1/deployments`. */
  readonly resource: string;
  readonly create?: JsonObject;
  /** RFC 7386, on the object as it is stored. */
  readonly update?: JsonObject;
  readonly subresource?: string;
  readonly recorded?: Answer;
}

interface Answer {
  readonly code: number;
  readonly message?: string;
  readonly causes?: readonly StatusCause[];
  readonly warnings?: readonly string[];
  readonly object?: JsonObject;
}

const testdata = fileURLToPath(new URL('../../../src/api/rules/testdata/', import.meta.url));
const now = new Date(0);
const context: WriteContext = {
  now,
  user: { name: 'admin', uid: 'admin-uid', groups: ['system:masters', 'system:authenticated'] },
};
const CREATED = '2001-01-01T00:00:00Z';
/** Stands for the UIDs that the server makes, which are recorded as `<uid>`. */
const UID = '00000000-0000-4000-8000-000000000000';

/** Hands out the addresses and node ports that the recorder writes for those that nobody asked for. */
class RecordedAllocator extends MemoryServiceAllocator {
  constructor() {
    super({ clusterCidrs: ['10.0.0.0/24'], random: () => 0 });
  }

  override allocateIp(family: IpFamily, wanted: string | undefined, service: unknown, dryRun: boolean): string {
    if (wanted !== undefined) return super.allocateIp(family, wanted, service, dryRun);
    for (let last = 101; ; last++) {
      try {
        return super.allocateIp(family, `10.0.0.${last}`, service, dryRun);
      } catch (error) {
        if (!(error instanceof AllocationError)) throw error;
      }
    }
  }

  override allocatePort(wanted?: number): number {
    let port = wanted ?? 31001;
    while (wanted === undefined && this.hasPort(port)) port++;
    return super.allocatePort(port);
  }
}

for (const file of readdirSync(testdata, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.json'))) {
  describe(file, () => {
    const stored = new Map<string, KubeObject>();
    const allocator = new RecordedAllocator();
    for (const step of JSON.parse(readFileSync(`${testdata}${file}`, 'utf8')) as Step[]) {
      if (!step.recorded) continue;
      it(step.name, async () => assert.deepEqual(hideUid(await answer(step, stored, allocator)), step.recorded));
    }
  });
}

function hideUid(answer: Answer): Answer {
  return JSON.parse(JSON.stringify(answer).replaceAll(UID, '<uid>'));
}

/** What our rules answer to a step, in the form of the recorded answer. */
async function answer(step: Step, stored: Map<string, KubeObject>, allocator: RecordedAllocator): Promise<Answer> {
  const parts = step.resource.split('/');
  const [group, version, name] = parts.length === 2 ? ['', ...parts] : parts;
  const resource = findResource(group!, version!, name!);
  assert.ok(resource, `resource ${step.resource}`);
  const given = (step.create ?? step.update)!.metadata as JsonObject | undefined;
  const key = `${step.resource}/${given?.name ?? 'a'}`;
  const old = stored.get(key);
  try {
    return step.create
      ? await create(resource, step.create, allocator)
      : await update(resource, step, structuredClone(old!), allocator);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const { code, message, details } = error.status;
    return { code: code!, message: message!, ...(details?.causes && { causes: details.causes }) };
  } finally {
    if (step.recorded?.object) stored.set(key, restore(resource, step.recorded.object));
  }
}

async function create(resource: BuiltinResource, body: JsonObject, allocator: RecordedAllocator): Promise<Answer> {
  const { rules } = resource;
  const object = decode(resource, fill(resource, body));
  object.metadata.uid = UID;
  const allocation = isService(resource) ? await allocateServiceCreate(object, allocator) : undefined;
  rules.prepareForCreate?.(object, context);
  const options = { namespaced: resource.namespaced, nameCheck: rules.nameCheck, resource: keyOf(resource) };
  const errors = [...validateObjectMeta(object.metadata, options), ...(rules.validate?.(object) ?? [])];
  if (errors.length > 0) await allocation?.revert();
  return report(resource, object, errors, 201, () => rules.warnings?.(object, undefined));
}

function keyOf({ group, resource }: BuiltinResource): string {
  return `${group}/${resource}`;
}

function isService({ group, resource }: BuiltinResource): boolean {
  return group === '' && resource === 'services';
}

async function update(
  resource: BuiltinResource,
  step: Step,
  stored: KubeObject,
  allocator: RecordedAllocator,
): Promise<Answer> {
  const rules: WriteRules = step.subresource ? (resource.rules.subresources?.[step.subresource] ?? {}) : resource.rules;
  const patched = applyMergePatch(stored as unknown as JsonObject, step.update!) as JsonObject;
  const old = convert(stored, resource.hubApiVersion);
  const object = decode(resource, patched);
  const { generation } = old.metadata;
  object.metadata = { ...object.metadata, ...(generation !== undefined && { generation }) };
  const allocates = isService(resource) && !step.subresource;
  const allocation = allocates ? await allocateServiceUpdate(object, old, allocator) : undefined;
  rules.prepareForUpdate?.(object, old, context);
  const key = `${keyOf(resource)}${step.subresource ? '/status' : ''}`;
  const options = { namespaced: resource.namespaced, nameCheck: resource.rules.nameCheck, resource: key };
  const errors = [
    ...validateObjectMetaUpdate(object.metadata, old.metadata, options),
    ...(rules.validateUpdate?.(object, old) ?? []),
  ];
  if (errors.length > 0) await allocation?.revert();
  return report(resource, object, errors, 200, () => rules.warnings?.(object, old));
}

/** The object that a create sends: as the recorder fills it in. */
function fill(resource: BuiltinResource, body: JsonObject): JsonObject {
  const { apiVersion, kind, namespaced } = resource;
  const metadata = { name: 'a', ...(namespaced && { namespace: 'rules' }), ...(body.metadata as JsonObject) };
  return { apiVersion, kind, ...body, metadata };
}

function decode(resource: BuiltinResource, body: JsonObject): KubeObject {
  const { object } = decodeObject(typeOf(resource.apiVersion, resource.kind)!, body);
  const { defaults } = resource.rules;
  (defaults?.[resource.version] ?? defaults?.['*'])?.(object);
  return convert(object, resource.hubApiVersion);
}

/** The recorded object with what every stored object has. */
function restore(resource: BuiltinResource, recorded: JsonObject): KubeObject {
  const text = JSON.stringify(recorded).replaceAll('"<time>"', `"${CREATED}"`).replaceAll('<uid>', UID);
  const { metadata, ...rest } = JSON.parse(text) as KubeObject;
  const { apiVersion, kind, namespaced } = resource;
  const system = { uid: UID, resourceVersion: '1', creationTimestamp: CREATED };
  const full = {
    apiVersion,
    kind,
    metadata: { ...metadata, ...system, ...(namespaced && { namespace: 'rules' }) },
    ...rest,
  };
  return normalizeObject(typeOf(apiVersion, kind)!, full as KubeObject);
}

function report(
  resource: BuiltinResource,
  object: KubeObject,
  errors: readonly FieldError[],
  code: number,
  warn: () => string[] | undefined,
): Answer {
  const deprecation = resource.deprecation ? [resource.deprecation] : [];
  if (errors.length > 0) {
    const kind = { group: resource.hub.group, resource: resource.kind };
    const { message, details } = newInvalid(kind, object.metadata.name ?? '', errors).status;
    return withWarnings(deprecation, { code: 422, message: message!, causes: details!.causes! });
  }
  const served = convert(object, resource.apiVersion);
  const shown = shownObject(normalizeObject(typeOf(resource.apiVersion, resource.kind)!, served));
  return withWarnings([...deprecation, ...(warn() ?? [])], { code, object: shown });
}

function withWarnings(warnings: readonly string[], answer: Answer): Answer {
  return warnings.length > 0 ? { ...answer, warnings } : answer;
}

/** The object without what differs from server to server. */
function shownObject({ apiVersion: _, kind: __, metadata, ...rest }: KubeObject): JsonObject {
  const {
    uid: _uid,
    resourceVersion: _rv,
    creationTimestamp: _ct,
    managedFields: _mf,
    namespace: _ns,
    ...shown
  } = metadata;
  const text = JSON.stringify({ metadata: shown, ...rest });
  return JSON.parse(text.replaceAll(`"${CREATED}"`, '"<time>"').replaceAll('"1970-01-01T00:00:00Z"', '"<time>"'));
}
