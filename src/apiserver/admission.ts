import { type JsonObject, type KubeObject, newForbidden, type StatusError } from 'nekube/apimachinery';
import type { Awaitable } from 'nekube/storage';
import { checkManagedFields } from 'nekube/managedfields';
import { pluginOrder } from './admission/order.ts';
import type { Life } from './life.ts';
import type { ServedResource } from './registry/served.ts';
import type { UserInfo } from './user.ts';

const TERMINATING = 'create not allowed while custom resource definition is terminating';

/** A kind in one version. */
export interface AdmissionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** From which level of auditing on an annotation is in an event. */
export type AnnotationLevel = 'Metadata' | 'Request';

/** One operation that is to be admitted (Kubernetes' admission.Attributes). */
export interface AdmissionAttributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** What the request goes to, in the version of the request. */
  readonly resource: ServedResource;
  /** What `object` is: the kind of the resource in the version of the request, or what its subresource takes. */
  readonly kind: AdmissionKind;
  /** Empty for the main endpoint. */
  readonly subresource: string;
  /** Empty for what is of the cluster; a namespace is in itself. */
  readonly namespace: string;
  /** Empty where a name is still to be generated, and for a whole collection. */
  readonly name: string;
  /**
   * What is to be stored, in the hub version; plugins that mutate change it in place. Where `kind` is not that of the
   * resource (a Scale, Binding, Eviction, TokenRequest, PodExecOptions, …), that object. None for DELETE.
   */
  readonly object?: KubeObject | undefined;
  /** What is stored; none for CREATE and CONNECT. Not to be changed. */
  readonly old?: KubeObject | undefined;
  /** CreateOptions, UpdateOptions or DeleteOptions of `meta.k8s.io/v1`, as they were given; none for CONNECT. */
  readonly options?: JsonObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void;
  /** Adds an annotation to the request's audit event; the first one of a key stays. Default level: `Metadata`. */
  readonly annotate: (key: string, value: string, level?: AnnotationLevel) => void;
  /** Over when nobody waits for the answer any more. */
  readonly life: Pick<Life, 'isOver' | 'signal'>;
  /** Of this pass of mutating admission. */
  readonly reinvocation: Reinvocation;
}

/** Whether the mutating plugins run a second time, since a later one changed what an earlier one had seen. */
export class Reinvocation {
  /** True in the second run. */
  again = false;
  /** Set by a plugin whose change others want to see. */
  requested = false;
  /** What plugins keep from the first run for the second, by their name. */
  readonly values = new Map<string, unknown>();
}

/** A plugin of the admission chain; both halves throw a StatusError to refuse. */
export interface AdmissionPlugin {
  /** As kube-apiserver's flags call it. */
  readonly name: string;
  /** Changes `object` before it is validated. */
  mutate?(attributes: AdmissionAttributes): Awaitable<void>;
  /** Judges the object as it will be stored. */
  validate?(attributes: AdmissionAttributes): Awaitable<void>;
}

const INVALID_MANAGED_FIELDS =
  '.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests';

/** All plugins, brought into kube-apiserver's order. */
export class AdmissionChain {
  readonly #mutating: readonly AdmissionPlugin[];
  readonly #validating: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    const ordered = [...plugins].sort((a, b) => pluginOrder(a.name) - pluginOrder(b.name));
    this.#mutating = ordered.filter((plugin) => plugin.mutate !== undefined);
    this.#validating = ordered.filter((plugin) => plugin.validate !== undefined);
  }

  /**
   * Runs all plugins that mutate, and all of them once more if one asked for it. managedFields that do not hold
   * afterwards are as they were before.
   *
   * @throws StatusError
   */
  async mutate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, resource, subresource, name } = attributes;
    if (resource.terminating && operation === 'CREATE' && subresource === '')
      throw newForbidden({ group: resource.group, resource: resource.resource }, name, TERMINATING);
    const before = attributes.object?.metadata?.managedFields;
    await this.#mutateOnce(attributes);
    if (attributes.reinvocation.requested) {
      attributes.reinvocation.again = true;
      await this.#mutateOnce(attributes);
    }
    const meta = attributes.object?.metadata;
    if (meta === undefined || meta.managedFields === before) return;
    const problem = checkManagedFields(meta.managedFields);
    if (problem === undefined) return;
    if (before === undefined) delete meta.managedFields;
    else meta.managedFields = before;
    attributes.warn(`${INVALID_MANAGED_FIELDS}: ${problem}`);
  }

  async #mutateOnce(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#mutating) {
      const pending = plugin.mutate!(attributes);
      if (pending !== undefined) await pending;
    }
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#validating) {
      const pending = plugin.validate!(attributes);
      if (pending !== undefined) await pending;
    }
  }
}

/** 403 as plugins say it: of the resource, with the name as far as it is known before it is generated. */
export function admissionForbidden(attributes: AdmissionAttributes, why: string): StatusError {
  const { group, resource } = attributes.resource;
  return newForbidden({ group, resource }, nameInMessages(attributes), why);
}

/** The name that messages of admission have of an object. */
export function nameInMessages({ name, object }: Pick<AdmissionAttributes, 'name' | 'object'>): string {
  if (name !== '') return name;
  if (object === undefined) return 'Unknown';
  if (object.metadata === undefined) return 'Unknown/errorGettingName';
  return object.metadata.name || object.metadata.generateName || 'Unknown';
}
