import { randomUUID } from 'node:crypto';
import {
  cloneJson,
  isPrintable,
  type KubeObject,
  newBadRequest,
  newInternalError,
  newNotFound,
} from 'nekube/apimachinery';
import { type AdmissionAttributes, type AdmissionChain, type AdmissionKind, Reinvocation } from '../admission.ts';
import { attributesOf as askedBy, type Authorizer } from '../authorization/authorizer.ts';
import { forbiddenRequest } from '../authorization/forbidden.ts';
import { checkEscalation, type EscalationDeps } from '../authorization/rbac/escalation.ts';
import { type BodyType, decodeBody, readBody } from '../body.ts';
import { annotate, header, type RequestContext, warn } from '../context.ts';
import type { ConflictDecisions } from '../decisions/index.ts';
import { admissionOptions, type MutateOptions, parseMutateOptions } from '../options.ts';
import { dedupAdmittedOwnerReferences, dedupOwnerReferences } from '../owner-references.ts';
import { sendEncoded } from '../respond.ts';
import { registeredKind } from '../registry/builtin.ts';
import { groupResource, rulesOf, type ServedResource } from '../registry/served.ts';
import { matchNamespace, wipeSystemFields } from '../registry/prepare.ts';
import type { Store } from '../registry/store.ts';
import type { UpdateOptions, Written } from '../registry/write-options.ts';
import { View } from '../view.ts';

/** What the handlers of writes work with. */
export interface WriteDeps extends EscalationDeps {
  readonly store: Store;
  readonly admission: AdmissionChain;
  readonly decisions: ConflictDecisions;
}

/** How a resource's bodies are decoded. */
function bodyTypeOf(resource: ServedResource): BodyType {
  return {
    group: resource.group,
    version: resource.version,
    kind: resource.kind,
    goType: resource.goType,
    custom: resource.custom,
    isRegistered: registeredKind,
    decode: (value) => resource.decode(value),
  };
}

/** Who a write is owned by: the field manager that it names, else the first part of the user agent. */
export function managerOf(context: RequestContext, options: MutateOptions): string {
  if (options.fieldManager !== '') return options.fieldManager;
  const agent = (header(context.request, 'user-agent') ?? '').split('/')[0]!;
  let manager = '';
  for (const char of agent) {
    if (!isPrintable(char)) continue;
    if (Buffer.byteLength(manager + char) > 128) break;
    manager += char;
  }
  return manager;
}

/** The attributes of a write for admission. */
export function attributesOf(
  context: RequestContext,
  resource: ServedResource,
  options: Pick<MutateOptions, 'dryRun' | 'given'>,
  change: AdmittedChange,
): AdmissionAttributes {
  const { group, version, kind } = resource;
  const { namespace, name, subresource } = context.info;
  const isNamespaces = group === '' && resource.resource === 'namespaces';
  const { operation, object, old } = change;
  const given =
    operation === 'CREATE' || operation === 'UPDATE'
      ? admissionOptions(operation === 'CREATE' ? 'CreateOptions' : 'UpdateOptions', options.given)
      : undefined;
  return {
    operation,
    resource,
    kind: change.kind ?? { group, version, kind },
    subresource: change.subresource ?? subresource,
    namespace: isNamespaces && namespace === '' ? (change.name ?? name) : namespace,
    name: change.name ?? name,
    object,
    old,
    options: change.options ?? given,
    user: context.user,
    dryRun: options.dryRun,
    warn: (text) => warn(context, text),
    annotate: (key, value, level = 'Metadata') => annotate(context, key, value, level),
    life: context.life,
    reinvocation: new Reinvocation(),
  };
}

/** What an operation is about; the rest of its attributes follow from the request. */
export type AdmittedChange = Pick<AdmissionAttributes, 'operation'> &
  Partial<Pick<AdmissionAttributes, 'object' | 'old' | 'kind' | 'name' | 'options' | 'subresource'>>;

/** What is posted and not stored: a Binding, an Eviction, a TokenRequest, a review. */
export interface Posted {
  /** Where it is posted to. */
  readonly resource: ServedResource;
  readonly kind: AdmissionKind;
  readonly object: KubeObject;
  readonly options: MutateOptions;
}

/** Admits what is posted and not stored; `check` validates it between the two halves. @throws StatusError */
export async function admitPosted(
  context: RequestContext,
  { admission }: Pick<WriteDeps, 'admission'>,
  { resource, kind, object, options }: Posted,
  check: () => Promise<void> | void = () => {},
): Promise<void> {
  const name = context.info.name || (object.metadata.name ?? '');
  matchNamespace(resource, context.info.namespace, object);
  const attributes = attributesOf(context, resource, options, { operation: 'CREATE', kind, name, object });
  await admission.mutate(attributes);
  await check();
  await admission.validate(attributes);
}

/**
 * What the store asks of a write's surroundings.
 *
 * @param name as admission shows it: of the path, or of the body where the path has none
 */
export function storeOptions(
  context: RequestContext,
  deps: WriteDeps,
  resource: ServedResource,
  options: Pick<MutateOptions, 'dryRun' | 'given'>,
  name = context.info.name,
): UpdateOptions {
  return {
    dryRun: options.dryRun,
    context: { now: context.now, user: context.user, newUid: randomUUID },
    warn: (text) => warn(context, text),
    rules: rulesOf(resource, context.info.subresource),
    validate: (object, old) =>
      deps.admission.validate(
        attributesOf(context, resource, options, {
          operation: old === undefined ? 'CREATE' : 'UPDATE',
          // by now it is generated where it was to be
          name: name || (object.metadata.name ?? ''),
          object,
          ...(old && { old }),
        }),
      ),
  };
}

/** POST to a collection. */
export async function handleCreate(context: RequestContext, deps: WriteDeps, resource: ServedResource): Promise<void> {
  const bytes = await readBody(context.request);
  const options = parseMutateOptions('Create', context.query);
  const object = decodeBody(context, bytes, bodyTypeOf(resource), options.fieldValidation);
  const view = new View(context, resource);
  const written = await createObject(context, deps, resource, object, options);
  sendEncoded(context, 201, view.single(written.entry));
}

/** Admits and stores a new object of the request's version. @throws StatusError */
export async function createObject(
  context: RequestContext,
  deps: WriteDeps,
  resource: ServedResource,
  object: KubeObject,
  options: MutateOptions,
): Promise<Written> {
  matchNamespace(resource, context.info.namespace, object);
  wipeSystemFields(object);
  dedupOwnerReferences(object, context);
  const manager = managerOf(context, options);
  const settled = resource.fieldManager('').settle((fields) => fields.update(undefined, object, manager));
  const owned = settled instanceof Promise ? await settled : settled;
  const name = context.info.name || (object.metadata.name ?? '');
  const hub = resource.toHub(owned);
  await deps.admission.mutate(attributesOf(context, resource, options, { operation: 'CREATE', name, object: hub }));
  dedupAdmittedOwnerReferences(hub, context);
  await checkEscalation(context, deps, resource, hub, undefined);
  return deps.store.create(resource, context.info.namespace, hub, storeOptions(context, deps, resource, options, name));
}

/** PUT of an object or of a subresource that has its form. */
export async function handleUpdate(context: RequestContext, deps: WriteDeps, resource: ServedResource): Promise<void> {
  const bytes = await readBody(context.request);
  const options = parseMutateOptions('Update', context.query);
  const object = decodeBody(context, bytes, bodyTypeOf(resource), options.fieldValidation);
  const view = new View(context, resource);
  checkName(context, object);
  matchNamespace(resource, context.info.namespace, object);
  dedupOwnerReferences(object, context);
  const written = await updateObject(context, deps, resource, options, {
    ...(object.metadata.uid && { uid: object.metadata.uid }),
    transform: (live) => {
      const copy = cloneJson(object);
      const manager = managerOf(context, options);
      return resource.fieldManager(context.info.subresource).settle((fields) => fields.update(live, copy, manager));
    },
  });
  sendEncoded(context, written.created ? 201 : 200, view.single(written.entry));
}

/** How an update comes to its new object. */
export interface Change {
  /** The uid that the stored object must have. */
  readonly uid?: string;
  readonly forceAllowCreate?: boolean;
  /** Makes the new object, owned by its manager, from the live one; both in the request's version. */
  transform(live: KubeObject | undefined): KubeObject | Promise<KubeObject>;
}

/** Changes an object in storage: ownership, admission, rules, compare-and-set. @throws StatusError */
export function updateObject(
  context: RequestContext,
  deps: WriteDeps,
  resource: ServedResource,
  options: MutateOptions,
  change: Change,
): Promise<Written> {
  const { namespace, name } = context.info;
  const base = storeOptions(context, deps, resource, options);
  const transform = async (current: KubeObject | undefined): Promise<KubeObject> => {
    const live = current && resource.fromHub(cloneJson(current));
    const changed = change.transform(live);
    const hub = resource.toHub(changed instanceof Promise ? await changed : changed);
    const operation = current === undefined ? 'CREATE' : 'UPDATE';
    await deps.admission.mutate(
      attributesOf(context, resource, options, { operation, object: hub, ...(current && { old: current }) }),
    );
    dedupAdmittedOwnerReferences(hub, context);
    await checkEscalation(context, deps, resource, hub, current);
    return hub;
  };
  return deps.store.update(resource, namespace, name, transform, {
    ...base,
    validate: async (object, old) => {
      if (old === undefined) await checkMayCreate(context, deps.authorizer);
      await base.validate(object, old);
    },
    ...(change.uid && { uid: change.uid }),
    ...(change.forceAllowCreate && { forceAllowCreate: true }),
  });
}

/** Who updates or applies what is not there creates it, and has to be allowed to. @throws StatusError Forbidden */
async function checkMayCreate({ user, info }: RequestContext, authorizer: Authorizer): Promise<void> {
  const attributes = { ...askedBy(user, info), verb: 'create' };
  const { decision, reason, error } = await authorizer.authorize(attributes);
  if (decision === 'allow') return;
  throw error === undefined ? forbiddenRequest(attributes, reason) : newInternalError(error);
}

/** @throws StatusError BadRequest if the object's name is not that of the URL */
export function checkName(context: RequestContext, object: KubeObject): void {
  const { name } = context.info;
  const given = object.metadata.name ?? '';
  if (given === '')
    throw newBadRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (given !== name)
    throw newBadRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}

/** 404 of the object that the request names. */
export function notFoundHere(context: RequestContext, resource: ServedResource): Error {
  return newNotFound(groupResource(resource), context.info.name);
}
