import { createHash } from 'node:crypto';
import { formatTime, type JsonValue, jsonEqual, type KubeObject } from 'nekube/apimachinery';
import { API_VERSION, type ApplyConflict, type ApplyConflictSpec, DEFAULT_ASK_TTL_SECONDS } from 'nekube/fieldpolicy';
import { changeObject, ensureObject, type SystemWriter } from '../system-objects.ts';
import { removeExpired } from './expiry.ts';
import type { FollowedResource } from './followed-resource.ts';

/** Where an ApplyConflict of an object that is in no namespace is. */
const CLUSTER_NAMESPACE = 'default';

/** What makes an apply the same that was parked, as long as it is in conflict over the same. */
export interface ParkedKey {
  readonly objectRef: ApplyConflictSpec['objectRef'];
  /** Empty for objects of no namespace. */
  readonly namespace: string;
  readonly manager: string;
  /** All conflicts, each as text, in any order. */
  readonly conflicts: readonly string[];
  /** As JSON. */
  readonly configuration: string;
}

/** What a person is asked. */
export interface Question extends ParkedKey {
  readonly user: string;
  readonly policy: string;
  readonly ttlSeconds: number | undefined;
  /** Those that a person has to decide. */
  readonly open: ApplyConflictSpec['conflicts'];
}

/** The name and namespace of an ApplyConflict. */
export interface ParkedName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The applies that wait for a person: ApplyConflict objects, which the server makes, refreshes while they are asked for
 * again, and removes when they have expired.
 */
export class ParkedApplies {
  readonly #followed: FollowedResource;
  readonly #writer: SystemWriter;
  readonly #now: () => Date;

  constructor(followed: FollowedResource, writer: SystemWriter, now: () => Date) {
    this.#followed = followed;
    this.#writer = writer;
    this.#now = now;
  }

  /** False where there is no ApplyConflict to park anything as. */
  get served(): boolean {
    return this.#followed.resource !== undefined;
  }

  /** Removes what has expired until the signal is aborted, also what expired while no server ran. */
  start(signal: AbortSignal): void {
    removeExpired(this.#followed, this.#writer, this.#now, signal);
  }

  /** Whether anything of a manager waits in a namespace. */
  hasAny(namespace: string, manager: string): boolean {
    const parked = this.#followed.inNamespace(namespace || CLUSTER_NAMESPACE);
    return parked.some(({ spec }) => spec?.manager === manager);
  }

  /** The name of an apply, the same for the same object, manager and set of conflicts. */
  nameOf({ objectRef, namespace, manager, conflicts }: ParkedKey): ParkedName {
    const { uid, kind, subresource = '' } = objectRef;
    const identity = JSON.stringify([uid, subresource, manager, [...conflicts].sort()]);
    const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
    return { namespace: namespace || CLUSTER_NAMESPACE, name: `${kind.toLowerCase()}-${hash}` };
  }

  /** The same apply, if it waits or was decided, and has not expired. */
  find(key: ParkedKey): ApplyConflict | undefined {
    if (!this.served) return undefined;
    const { namespace, name } = this.nameOf(key);
    const found = this.#followed.get(namespace, name);
    return found && isSame(found, key, this.#now()) ? (found as ApplyConflict) : undefined;
  }

  /** Parks an apply, or refreshes it: one that is the same keeps its decisions. @returns until when it waits */
  async park(question: Question): Promise<ParkedName & { readonly until: string }> {
    const resource = this.#followed.resource!;
    const now = this.#now();
    const { namespace, name } = this.nameOf(question);
    const spec = specOf(question, now);
    const object = { apiVersion: API_VERSION, kind: 'ApplyConflict', metadata: { namespace, name }, spec };
    let until = spec.expirationTime;
    const created = await ensureObject(this.#writer, now, resource, object as unknown as KubeObject);
    if (!created)
      await changeObject(this.#writer, now, resource, { namespace, name }, (live) => {
        const before = isSame(live, question, now) ? (live as ApplyConflict).spec : undefined;
        if (before !== undefined && isFresh(before, spec, now)) {
          until = before.expirationTime;
          return undefined;
        }
        return { ...live, spec: { ...spec, ...(before?.decisions && { decisions: before.decisions }) } };
      });
    return { namespace, name, until };
  }
}

/** True if it is the same configuration and still waits. */
function isSame(parked: KubeObject, { configuration }: ParkedKey, now: Date): boolean {
  const { spec } = parked as ApplyConflict;
  return spec?.configuration === configuration && Date.parse(spec.expirationTime) > now.getTime();
}

/** True if nothing is to be told anew: who asks again and again is not to write each time. */
function isFresh(before: ApplyConflictSpec, after: ApplyConflictSpec, now: Date): boolean {
  const [left, full] = [before, after].map(({ expirationTime }) => Date.parse(expirationTime) - now.getTime());
  // what is stored has its members in another order
  const [stored, asked] = [before, after].map(({ conflicts }) => conflicts as unknown as JsonValue);
  return left! > full! / 2 && jsonEqual(stored, asked);
}

function specOf({ objectRef, manager, user, policy, configuration, open, ttlSeconds }: Question, now: Date) {
  const expires = new Date(now.getTime() + (ttlSeconds ?? DEFAULT_ASK_TTL_SECONDS) * 1000);
  return {
    objectRef,
    manager,
    user,
    policy,
    configuration,
    conflicts: open,
    expirationTime: formatTime(expires),
  } satisfies ApplyConflictSpec;
}
