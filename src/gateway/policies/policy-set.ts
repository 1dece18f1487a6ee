import { isParseError, type KubeObject } from 'nekube/apimachinery';
import { isEqual } from '../model/equal.ts';
import { type BackendPart, compileBackend } from './compile-backend.ts';
import { type ClientPart, compileClient } from './compile-client.ts';
import { compileSecurity, type SecurityPart } from './compile-security.ts';
import { controlCharacterIn } from './checks.ts';
import type { PolicyKind } from './crds.ts';
import { Findings, invalid, type PolicyOrigin, type PolicyReferences, type Problem } from './references.ts';
import type { BackendPolicySpec, ClientPolicySpec, Policy, SecurityPolicySpec, TargetRef } from './spec.ts';

/** All policies of a snapshot. */
export interface PolicyObjects {
  readonly client: readonly Policy<ClientPolicySpec>[];
  readonly backend: readonly Policy<BackendPolicySpec>[];
  readonly security: readonly Policy<SecurityPolicySpec>[];
}

/** Something that policies may be about: the objects around a listener, route or backend, each with its part. */
export interface Level extends TargetRef {
  readonly namespace: string;
}

/** What may be asked for by a policy, if nothing is wrong; else why what it protects must be closed. */
export type SecurityOutcome =
  | { readonly closed?: undefined; readonly part: SecurityPart }
  | { readonly closed: string; readonly policy: PolicyOrigin };

/** A policy as it was compiled. */
export interface CompiledPolicy<Part = unknown> {
  readonly object: KubeObject & { readonly spec: { readonly targetRefs: readonly TargetRef[] } };
  readonly origin: PolicyOrigin;
  readonly part: Part;
  readonly problems: readonly Problem[];
  /** Targets that an older policy of the same kind has. */
  readonly lost: readonly { readonly target: TargetRef; readonly to: PolicyOrigin }[];
}

type Compile<Spec, Part> = (spec: Spec, from: PolicyOrigin, references: PolicyReferences, findings: Findings) => Part;

/**
 * The policies that count, and what they come to. Of several of one kind for the same target the oldest counts, then the first by
 * name (GEP-713). Levels are given from the most specific: each member comes from the first level that has it (GEP-2649).
 *
 * What did not change since `previous` is the same object.
 */
export class PolicySet {
  readonly #client: Kind<ClientPart>;
  readonly #backend: Kind<BackendPart>;
  readonly #security: Kind<SecurityPart>;

  constructor(objects: PolicyObjects, references: PolicyReferences, previous?: PolicySet) {
    this.#client = new Kind('ClientPolicy', objects.client, compileClient, references, previous && previous.#client);
    this.#backend = new Kind(
      'BackendPolicy',
      objects.backend,
      compileBackend,
      references,
      previous && previous.#backend,
    );
    this.#security = new Kind(
      'SecurityPolicy',
      objects.security,
      compileSecurity,
      references,
      previous && previous.#security,
    );
  }

  /** How clients of a listener are spoken with. */
  client(levels: readonly Level[]): ClientPart | undefined {
    return this.#client.merged(levels, (parts) => ({
      settings: first(parts.map(({ settings }) => settings)),
      tls: first(parts.map(({ tls }) => tls ?? {})),
    }));
  }

  /** How a backend is spoken with, and what routes to it do. */
  backend(levels: readonly Level[]): BackendPart | undefined {
    return this.#backend.merged(levels, (parts) => {
      const routes = parts.map(({ route }) => route);
      const settings = first(routes.map((route) => route.settings ?? {}));
      const timeouts = first(routes.map((route) => route.timeouts ?? {}));
      return { settings: first(parts.map((part) => part.settings)), route: { ...first(routes), settings, timeouts } };
    });
  }

  /** Who may; where the policy that counts has a mistake, nobody may. */
  security(levels: readonly Level[]): SecurityOutcome | undefined {
    const broken = this.#security.counting(levels).find(({ problems }) => problems.length > 0);
    if (broken !== undefined) return { closed: broken.problems[0]!.message, policy: broken.origin };
    const part = this.#security.merged(levels, (parts) => ({
      ...first(parts),
      settings: first(parts.map(({ settings }) => settings ?? {})),
    }));
    return part && { part };
  }

  /** Whether a policy of backends or security is about a level. */
  has(level: Level): boolean {
    return this.#backend.counting([level]).length > 0 || this.#security.counting([level]).length > 0;
  }

  /** The policies of backends that count, from the most specific. */
  backendPolicies(levels: readonly Level[]): readonly PolicyOrigin[] {
    return this.#backend.counting(levels).map(({ origin }) => origin);
  }

  /** All of them, for statuses. */
  all(): readonly CompiledPolicy[] {
    return [...this.#client.policies, ...this.#backend.policies, ...this.#security.policies];
  }
}

/** Each member from the first that has it. */
function first<T extends object>(parts: readonly T[]): T {
  const merged: Partial<T> = {};
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) {
      if (value !== undefined && !(name in merged)) Object.assign(merged, { [name]: value });
    }
  }
  return merged as T;
}

/** What several policies come to together. */
interface Merge<Part> {
  readonly policies: readonly CompiledPolicy<Part>[];
  readonly part: Part;
}

/** The policies of one kind. */
class Kind<Part> {
  readonly policies: readonly CompiledPolicy<Part>[];
  readonly #byTarget = new Map<string, CompiledPolicy<Part>>();
  readonly #merged = new Map<string, Merge<Part>>();
  /** Merges of the set before, of which those that still hold are taken over when they are asked for. */
  readonly #before: ReadonlyMap<string, Merge<Part>>;

  constructor(
    kind: PolicyKind,
    objects: readonly Policy<unknown>[],
    compile: Compile<never, Part>,
    references: PolicyReferences,
    previous: Kind<Part> | undefined,
  ) {
    this.#before = previous === undefined ? new Map() : previous.#merged;
    this.policies = [...objects].sort(byAge).map((object) => {
      const origin = { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
      const compiled = this.#compile(object, origin, compile, references);
      const same = previous?.policies.find(
        (one) => one.origin.namespace === origin.namespace && one.origin.name === origin.name,
      );
      const kept = same !== undefined && same.object === object && isEqual(same, compiled) ? same : compiled;
      for (const target of object.spec.targetRefs) {
        const key = keyOf({ ...target, namespace: origin.namespace });
        if (!this.#byTarget.has(key)) this.#byTarget.set(key, kept);
      }
      return kept;
    });
  }

  #compile(
    object: Policy<unknown>,
    origin: PolicyOrigin,
    compile: Compile<never, Part>,
    references: PolicyReferences,
  ): CompiledPolicy<Part> {
    const findings = new Findings();
    const part = compileReadable(compile, object.spec as never, { origin, references, findings });
    const lost = object.spec.targetRefs.flatMap((target) => {
      const to = this.#byTarget.get(keyOf({ ...target, namespace: origin.namespace }))?.origin;
      return to === undefined ? [] : [{ target, to }];
    });
    return { object, origin, part, problems: findings.problems, lost };
  }

  /** The policies that count, from the most specific. */
  counting(levels: readonly Level[]): readonly CompiledPolicy<Part>[] {
    const found = levels.flatMap((level) => this.#byTarget.get(keyOf(level)) ?? []);
    return found.filter((policy, i) => found.indexOf(policy) === i);
  }

  /** What they come to together; undefined for none. */
  merged(levels: readonly Level[], merge: (parts: readonly Part[]) => Part): Part | undefined {
    const policies = this.counting(levels);
    if (policies.length === 0) return undefined;
    if (policies.length === 1) return policies[0]!.part;
    const key = policies.map(({ origin }) => `${origin.namespace}/${origin.name}`).join(' ');
    const known = this.#merged.get(key) ?? this.#before.get(key);
    if (known !== undefined && known.policies.every((policy, i) => policy === policies[i])) {
      this.#merged.set(key, known);
      return known.part;
    }
    const part = merge(policies.map((policy) => policy.part));
    this.#merged.set(key, { policies, part });
    return part;
  }
}

/** A policy that is not as its definition says, as one of a file may be, has a problem, and nothing to say. */
function compileReadable<Part>(
  compile: Compile<never, Part>,
  spec: never,
  { origin, references, findings }: { origin: PolicyOrigin; references: PolicyReferences; findings: Findings },
): Part {
  const nothing = { settings: {}, route: {} } as Part;
  const odd = controlCharacterIn(spec);
  if (odd !== undefined) {
    findings.take(invalid(`${odd}: must have no control characters`));
    return nothing;
  }
  try {
    return compile(spec, origin, references, findings);
  } catch (error) {
    if (!(error instanceof TypeError) && !isParseError(error)) throw error;
    findings.take(invalid(`the policy is not as its definition says: ${(error as Error).message}`));
    return nothing;
  }
}

function keyOf({ group, kind, namespace, name, sectionName = '' }: Level): string {
  return `${group}/${kind}/${namespace}/${name}/${sectionName}`;
}

function byAge(a: KubeObject, b: KubeObject): number {
  const keys = [a, b].map(
    ({ metadata: { creationTimestamp = '', namespace = '', name = '' } }) =>
      `${creationTimestamp} ${namespace}/${name}`,
  );
  return keys[0]! < keys[1]! ? -1 : Number(keys[0] !== keys[1]);
}
