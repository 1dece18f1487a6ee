import type { Source } from '../model/index.ts';
import { PrivateText } from '../model/private-text.ts';
import {
  type BackendPolicySpec,
  type ClientPolicySpec,
  type CompiledPolicy,
  type Level,
  type Policy,
  POLICY_GROUP,
  type PolicyOrigin,
  type PolicyReferences,
  PolicySet,
  type Problem,
  type SecurityPolicySpec,
} from '../policies/index.ts';
import { type ResolvedBackend, resolveBackend, type Speech } from './backends.ts';
import { type Cluster, type Dependency, View } from './cluster.ts';
import { grantMissing, isGranted } from './grants.ts';
import { readOr } from './malformed.ts';
import { touches } from './plans.ts';
import type { BackendReference, ObjectReference } from './resources.ts';
import { isEqual } from '../model/equal.ts';

/** A group of policies that were asked about. */
export function policiesAt({ kind, namespace, name }: Omit<Level, 'group'>): Dependency {
  return `policiesAt/${kind}/${namespace}/${name}`;
}

/** Keeps the policies compiled, and tells what they are about when one changes. */
export class PolicyBook {
  #set: PolicySet | undefined;
  #dependencies: ReadonlySet<Dependency> = new Set();
  #asked = new Map<string, Asked>();
  #backends = new Map<string, ResolvedBackend>();

  /** Adds to `changed` where policies are about something that is not as before; gives the cluster the set. */
  update(cluster: Cluster, changed: Set<Dependency>): void {
    const isPolicy = (dependency: Dependency): boolean => /^(?:client|backend|security)Policies/.test(dependency);
    if (![...changed].some(isPolicy) && !touches(this.#dependencies, changed)) return;
    const view = new View(cluster);
    const { clientPolicies, backendPolicies, securityPolicies } = cluster.snapshot;
    const objects = {
      client: readable<ClientPolicySpec>(clientPolicies),
      backend: readable<BackendPolicySpec>(backendPolicies),
      security: readable<SecurityPolicySpec>(securityPolicies),
    };
    const before = this.#set;
    const references = new References(view);
    const isEmpty = objects.client.length + objects.backend.length + objects.security.length === 0;
    this.#set = isEmpty ? undefined : new PolicySet(objects, references, before);
    cluster.policies = this.#set;
    if ((before === undefined) !== isEmpty) changed.add('policies');
    for (const target of changedTargets(before?.all() ?? [], this.#set?.all() ?? [])) changed.add(policiesAt(target));
    this.#asked = references.asked;
    this.#backends = this.#resolve(view);
    this.#dependencies = view.dependencies;
  }

  /** A backend that a policy names. */
  backend(name: string): ResolvedBackend | undefined {
    return this.#backends.get(name);
  }

  /** All that policies name. */
  get backends(): ReadonlyMap<string, ResolvedBackend> {
    return this.#backends;
  }

  /** All of them, as they were compiled. */
  all(): readonly CompiledPolicy[] {
    return this.#set?.all() ?? [];
  }

  /** Once more, now that it is known what policies say of backends. */
  #resolve(view: View): Map<string, ResolvedBackend> {
    const found = new Map<string, ResolvedBackend>();
    for (const [name, asked] of this.#asked) {
      const resolved = 'host' in asked ? hostBackend(asked.host) : resolveFor(view, asked);
      if (!('backend' in resolved)) continue;
      const before = this.#backends.get(name);
      found.set(name, before !== undefined && isEqual(before, resolved) ? before : resolved);
    }
    return found;
  }
}

/** Those that can be read: a policy of a file may be anything. */
function readable<Spec>(objects: ReadonlyMap<string, unknown>): Policy<Spec>[] {
  return [...objects.values()].filter((object) =>
    readOr(
      () =>
        (object as Policy<Spec>).spec.targetRefs.every(
          ({ kind, name }) => typeof kind === 'string' && name !== undefined,
        ),
      () => false,
    ),
  ) as Policy<Spec>[];
}

function changedTargets(before: readonly CompiledPolicy[], now: readonly CompiledPolicy[]): Level[] {
  const key = ({ origin }: CompiledPolicy): string => `${origin.kind}/${origin.namespace}/${origin.name}`;
  const old = new Map(before.map((policy) => [key(policy), policy]));
  const changed: CompiledPolicy[] = [];
  for (const policy of now) {
    const same = old.get(key(policy));
    if (same !== undefined && isEqual(essence(same), essence(policy))) old.delete(key(policy));
    else changed.push(policy);
  }
  return [...changed, ...old.values()].flatMap(({ object, origin }) =>
    object.spec.targetRefs.map((target) => ({ ...target, namespace: origin.namespace })),
  );
}

function essence({ object, part, problems, lost }: CompiledPolicy): unknown {
  return [object.spec.targetRefs, part, problems, lost];
}

type Asked =
  | { readonly host: { readonly name: string; readonly port: number; readonly tls: boolean } }
  | { readonly ref: BackendReference; readonly from: PolicyOrigin; readonly speech: Speech };

/** What policies refer to, by grants and with what is wrong. */
class References implements PolicyReferences {
  /** Backends by name, to be resolved when all is known. */
  readonly asked = new Map<string, Asked>();
  readonly #view: View;

  constructor(view: View) {
    this.#view = view;
  }

  backend(ref: BackendReference, from: PolicyOrigin, speech: Speech = 'HTTP'): string | Problem {
    const asked = { ref, from, speech };
    const resolved = resolveFor(this.#view, asked);
    if (!('backend' in resolved)) return { problem: true, reason: resolved.reason, message: resolved.message };
    this.asked.set(resolved.backend.name, asked);
    return resolved.backend.name;
  }

  hostBackend(host: { readonly name: string; readonly port: number; readonly tls: boolean }): string {
    const { name } = hostBackend(host).backend;
    this.asked.set(name, { host });
    return name;
  }

  secret(ref: ObjectReference, from: PolicyOrigin): ReadonlyMap<string, PrivateText> | Problem {
    const namespace = ref.namespace ?? from.namespace;
    const refused = this.#refusal('Secret', ref, from);
    if (refused !== undefined) return refused;
    const secret = this.#view.secret(namespace, ref.name);
    if (secret === undefined) return missing(`Secret ${namespace}/${ref.name}`);
    const decoded = Object.entries(secret.data ?? {}).map(
      ([key, text]) => [key, Buffer.from(text, 'base64').toString('utf8')] as const,
    );
    return new Map(
      [...decoded, ...Object.entries(secret.stringData ?? {})].map(([key, text]) => [key, new PrivateText(text)]),
    );
  }

  configMapKey(ref: ObjectReference, key: string, from: PolicyOrigin): string | Problem {
    const namespace = ref.namespace ?? from.namespace;
    const refused = this.#refusal('ConfigMap', ref, from);
    if (refused !== undefined) return refused;
    const text = this.#view.configMap(namespace, ref.name)?.data?.[key];
    return text ?? missing(`ConfigMap ${namespace}/${ref.name} with a key ${key}`);
  }

  #refusal(kind: string, ref: ObjectReference, { kind: by, namespace }: PolicyOrigin): Problem | undefined {
    if ((ref.group ?? '') !== '' || (ref.kind ?? kind) !== kind) {
      return { problem: true, reason: 'InvalidKind', message: `${ref.kind ?? kind} ${ref.name} must be a ${kind}` };
    }
    const reference = {
      from: { group: POLICY_GROUP, kind: by, namespace },
      to: { group: '', kind, namespace: ref.namespace ?? namespace, name: ref.name },
    };
    if (isGranted(this.#view, reference)) return undefined;
    return { problem: true, reason: 'RefNotPermitted', message: grantMissing(reference) };
  }
}

function missing(what: string): Problem {
  return { problem: true, reason: 'Invalid', message: `${what} does not exist: create it, or name another` };
}

function resolveFor(
  view: View,
  { ref, from, speech }: Exclude<Asked, { readonly host: unknown }>,
): ReturnType<typeof resolveBackend> {
  const { kind, namespace } = from;
  return resolveBackend(view, { group: POLICY_GROUP, kind, namespace, speech, appliesTls: true, levels: [] }, ref);
}

function hostBackend({
  name,
  port,
  tls,
}: {
  readonly name: string;
  readonly port: number;
  readonly tls: boolean;
}): ResolvedBackend {
  const source: Source = { kind: 'Host', namespace: '', name };
  const backend = {
    name: `host/${name}/${port}${tls ? '/tls' : ''}`,
    source,
    protocol: 'HTTP' as const,
    hostname: { name, port },
  };
  return { backend: tls ? { ...backend, tls: { hostname: name, ca: 'System' } } : backend, secrets: [] };
}
