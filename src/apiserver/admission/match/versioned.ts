import {
  apiVersionOf,
  cloneJson,
  errorText,
  goQuote,
  jsonEqual,
  type JsonValue,
  type KubeObject,
  newInternalError,
  parseApiVersion,
  StatusError,
} from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionKind } from '../../admission.ts';
import { decodeAsRegistered, registeredKind } from '../../registry/builtin.ts';
import type { WebhookClient } from '../../webhooks/index.ts';
import { WebhookConverter } from '../../customresources/webhook-converter.ts';
import type { ServedResource } from '../../registry/served.ts';

/** A request as a webhook or a policy sees it: as one to this resource, with its objects in this version. */
export interface Invocation {
  readonly resource: ServedResource;
  readonly kind: AdmissionKind;
}

/** The objects of a request in one version; none of them may be changed. */
export interface VersionedObjects {
  readonly object?: KubeObject;
  readonly old?: KubeObject;
}

/** A request as it was made. */
export function asMade({ resource, kind }: AdmissionAttributes): Invocation {
  return { resource, kind };
}

/** A request as if it were one to another version of its resource. */
export function asIf(resource: ServedResource, attributes: AdmissionAttributes): Invocation {
  const { group, version, kind } = resource;
  return { resource, kind: hasOwnForm(attributes) ? { group, version, kind } : attributes.kind };
}

/** False for a Scale, an Eviction, …: objects that are no form of the resource that they are sent to. */
function hasOwnForm({ kind, resource }: AdmissionAttributes): boolean {
  return kind.kind === resource.kind && kind.group === resource.group;
}

/**
 * The objects of a request in the versions that are asked for, each converted once; and what mutating admission makes of
 * the new one. The request's own objects are changed only by {@link writeBack}.
 */
export class Versions {
  readonly #attributes: AdmissionAttributes;
  readonly #webhooks: WebhookClient;
  readonly #old = new Map<string, KubeObject>();
  readonly #new = new Map<string, KubeObject>();
  /** In which version the new object was changed, if it was. */
  #changed: Invocation | undefined;

  /** @param webhooks calls what converts custom resources */
  constructor(attributes: AdmissionAttributes, webhooks: WebhookClient) {
    this.#attributes = attributes;
    this.#webhooks = webhooks;
  }

  /** The objects in the version of an invocation. */
  async of(invocation: Invocation): Promise<VersionedObjects> {
    const { object, old } = this.#attributes;
    const shownOld = old && (await this.#converted(this.#old, old, invocation));
    const shown = object && (await this.#newIn(object, invocation));
    return { ...(shown && { object: shown }), ...(shownOld && { old: shownOld }) };
  }

  /** Whether the new object was replaced and is not written back yet. */
  get isChanged(): boolean {
    return this.#changed !== undefined;
  }

  /** The new object in whatever version it was changed in, else as it came. */
  get latest(): KubeObject | undefined {
    return this.#changed === undefined ? this.#attributes.object : this.#new.get(keyOf(this.#changed));
  }

  async #newIn(object: KubeObject, invocation: Invocation): Promise<KubeObject> {
    const known = this.#new.get(keyOf(invocation));
    if (known !== undefined) return known;
    if (this.#changed !== undefined) await this.writeBack();
    const made = await this.#converted(this.#new, object, invocation);
    if (!hasOwnForm(this.#attributes) || invocation.resource.custom) return made;
    // what is prepared for a write may lack what Go writes for empty structs
    const whole = invocation.resource.decode(made as unknown as JsonValue).object;
    this.#new.set(keyOf(invocation), whole);
    return whole;
  }

  async #converted(known: Map<string, KubeObject>, object: KubeObject, invocation: Invocation): Promise<KubeObject> {
    const key = keyOf(invocation);
    const found = known.get(key);
    if (found !== undefined) return found;
    const copy = cloneJson(object);
    const made = hasOwnForm(this.#attributes) ? await this.#shownAs(invocation.resource, copy) : copy;
    known.set(key, made);
    return made;
  }

  /**
   * Takes over what became of the new object in a version: decoded and defaulted.
   *
   * @param strict refuses fields that the kind does not have, instead of dropping them
   * @returns whether it differs from what it was
   * @throws StatusError InternalError for what is no object of the kind
   */
  async replace(invocation: Invocation, patched: JsonValue, strict = false): Promise<boolean> {
    const before = this.#new.get(keyOf(invocation));
    const object = this.#decode(invocation, patched, strict);
    const differs = !jsonEqual(object, before);
    this.#new.clear();
    this.#new.set(keyOf(invocation), object);
    this.#changed = invocation;
    return differs;
  }

  #decode({ resource, kind }: Invocation, patched: JsonValue, strict: boolean): KubeObject {
    if (!hasOwnForm(this.#attributes)) return patched as unknown as KubeObject;
    try {
      if (!resource.custom) checkKind(kind, patched as unknown as KubeObject);
      const { object, unknownFields } = resource.decode(patched);
      if (strict && !resource.custom && unknownFields.length > 0) throw new Error(unknownFieldsError(unknownFields));
      return object;
    } catch (error) {
      throw StatusError.from(error);
    }
  }

  /** Makes the request's object what it has become. */
  async writeBack(): Promise<void> {
    const { object } = this.#attributes;
    if (this.#changed === undefined || object === undefined) return;
    const made = cloneJson(this.#new.get(keyOf(this.#changed))!);
    const hub = hasOwnForm(this.#attributes)
      ? await this.#broughtBack(this.#changed.resource, made, object.apiVersion!)
      : made;
    for (const key of Object.keys(object)) if (!(key in hub)) delete object[key];
    Object.assign(object, hub);
    this.#changed = undefined;
    this.#new.clear();
  }

  /** An object of the hub version as one of a resource's; versions of custom resources are hubs of their own. */
  async #shownAs(resource: ServedResource, object: KubeObject): Promise<KubeObject> {
    return resource.fromHub(resource.custom ? await this.#convert(resource, object, resource.apiVersion) : object);
  }

  /** The way back. */
  async #broughtBack(resource: ServedResource, object: KubeObject, apiVersion: string): Promise<KubeObject> {
    const hub = resource.toHub(object);
    return resource.custom ? this.#convert(resource, hub, apiVersion) : hub;
  }

  async #convert({ conversion }: ServedResource, object: KubeObject, apiVersion: string): Promise<KubeObject> {
    if (conversion === undefined || object.apiVersion === apiVersion) return { ...object, apiVersion };
    try {
      return await new WebhookConverter(this.#webhooks, conversion.webhook).convert(object, apiVersion);
    } catch (error) {
      throw newInternalError(errorText(error));
    }
  }
}

/** An object stays of its kind. @throws Error */
function checkKind(wanted: AdmissionKind, object: KubeObject): void {
  const { kind = '', apiVersion = '' } = object;
  if (kind === wanted.kind && apiVersion === apiVersionOf(wanted)) return;
  if (!registeredKind(apiVersion, kind))
    throw new Error(
      `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  decodeAsRegistered(object as unknown as JsonValue);
  const version = parseApiVersion(apiVersion)?.version ?? '';
  throw new Error(`converting (${version}.${kind}) to (core.${wanted.kind}): unknown conversion`);
}

function unknownFieldsError(paths: readonly string[]): string {
  return `strict decoding error: ${paths.map((path) => `unknown field ${goQuote(path)}`).join(', ')}`;
}

function keyOf({ resource, kind }: Invocation): string {
  return `${resource.group}/${resource.version}/${kind.kind}`;
}
