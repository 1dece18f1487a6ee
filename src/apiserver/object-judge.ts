import { randomUUID } from 'node:crypto';
import { customResourceDefinitionRules } from 'nekube/api';
import {
  cloneJson,
  errorText,
  isStatusError,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  parseApiVersion,
  type Status,
  strictFieldError,
} from 'nekube/apimachinery';
import type { Definition } from './customresources/definition.ts';
import { schemaChecks } from './customresources/definition-checks.ts';
import { serveDefinition } from './customresources/served.ts';
import { matchNamespace, prepareCreate, wipeSystemFields } from './registry/prepare.ts';
import { Resources } from './registry/resources.ts';
import type { ServedResource } from './registry/served.ts';

/** What {@link ObjectJudge} thinks of an object. */
export type Verdict =
  | { readonly type: 'valid' }
  /** A server refuses it with this. */
  | { readonly type: 'refused'; readonly status: Status }
  /** No resource has this kind in this version; `served` are the versions in which its group has the kind. */
  | { readonly type: 'unknown'; readonly served: readonly string[] };

/**
 * Says what a server would say of new objects, without one: each is decoded with unknown fields refused, gets its defaults, and is
 * validated by the rules of its kind, or by the schema and the expressions of its definition.
 *
 * It says nothing that depends on other objects or on admission (names that are taken, addresses, namespaces, quotas, policies). Some
 * times as fast as a server, which stores what it takes.
 */
export class ObjectJudge {
  readonly #builtin: Resources;
  /** Those of definitions, and what was found of the built-in ones; by apiVersion and kind. */
  readonly #resources = new Map<string, ServedResource | undefined>();
  readonly #versions = new Map<string, string[]>();
  readonly #now: () => Date;

  /** @param definitions CustomResourceDefinitions, which are taken to be valid */
  constructor(definitions: readonly KubeObject[], now: () => Date) {
    this.#now = now;
    this.#builtin = new Resources(now, new Map([[DEFINITIONS, customResourceDefinitionRules(schemaChecks)]]));
    for (const definition of definitions as readonly Definition[]) {
      for (const served of serveDefinition(definition, { now, webhooks: NO_WEBHOOKS })) {
        this.#resources.set(`${served.apiVersion} ${served.kind}`, served);
        const key = `${served.group} ${served.kind}`;
        this.#versions.set(key, [...(this.#versions.get(key) ?? []), served.version]);
      }
    }
  }

  /** `object` is not changed. */
  judge(object: KubeObject): Verdict {
    const resource = this.#resourceOf(object);
    if (resource === undefined) return { type: 'unknown', served: this.#versionsOf(object) };
    try {
      this.#check(resource, cloneJson(object as unknown as JsonValue));
      return { type: 'valid' };
    } catch (error) {
      if (isStatusError(error)) return { type: 'refused', status: error.status };
      throw error;
    }
  }

  #resourceOf({ apiVersion = '', kind = '' }: KubeObject): ServedResource | undefined {
    const key = `${apiVersion} ${kind}`;
    if (!this.#resources.has(key)) {
      const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' };
      this.#resources.set(key, this.#builtin.ofKind(group, version, kind));
    }
    return this.#resources.get(key);
  }

  #versionsOf({ apiVersion = '', kind = '' }: KubeObject): readonly string[] {
    return this.#versions.get(`${parseApiVersion(apiVersion)?.group ?? ''} ${kind}`) ?? [];
  }

  #check(resource: ServedResource, value: JsonValue): void {
    const decoded = decodedStrictly(resource, value);
    wipeSystemFields(decoded);
    matchNamespace(resource, decoded.metadata.namespace || 'default', decoded);
    const object = resource.toHub(decoded);
    if (resource.keyPrefix === SERVICES) completeAddresses(object);
    const context = { now: this.#now(), user: JUDGE, newUid: randomUUID };
    const { rules } = resource;
    prepareCreate(resource, object, { rules, context, dryRun: true, warn: () => {}, validate: () => {} });
  }
}

const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';

const SERVICES = '/registry/services/specs/';

/** What is done by who allocates addresses, before a Service is validated. */
function completeAddresses({ spec }: KubeObject): void {
  const { clusterIP, clusterIPs = [] } = spec as { clusterIP?: string; clusterIPs?: readonly string[] };
  if (clusterIP && clusterIPs.length === 0) Object.assign(spec as object, { clusterIPs: [clusterIP] });
}

const JUDGE = { name: 'system:admin', groups: ['system:masters'], extra: {} };

const NO_WEBHOOKS = {
  post: () => Promise.reject(new TypeError('nothing is converted here')),
};

function decodedStrictly(resource: ServedResource, value: JsonValue): KubeObject {
  const { kind, version } = resource;
  const refusal = (why: string): Error =>
    newBadRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
  let decoded: ReturnType<ServedResource['decode']>;
  try {
    decoded = resource.decode(value);
  } catch (error) {
    throw refusal(errorText(error));
  }
  const unknown = decoded.unknownFields.map((path) => strictFieldError('unknown', path));
  if (unknown.length > 0) throw refusal(`strict decoding error: ${unknown.join(', ')}`);
  return decoded.object;
}
