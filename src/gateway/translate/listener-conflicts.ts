import type { Owner, Protocol } from './listener-plan.ts';

/** What of a listener may conflict. */
export interface Candidate {
  readonly owner: Owner;
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly hostname?: string;
  readonly mode?: 'Terminate' | 'Passthrough';
}

/** Why a listener cannot be told apart from another. */
export interface Conflict {
  readonly reason: 'HostnameConflict' | 'ProtocolConflict';
  readonly message: string;
}

/**
 * Which listeners are not distinct; they stand by precedence. Where several objects are in a conflict, what comes first keeps what it
 * has, and those after it are in conflict, and in nobody's way. Of the listeners of one object that are left all are in conflict.
 */
export function findConflicts<T extends Candidate>(
  listeners: readonly T[],
  options: { readonly mixedTls: boolean },
): Map<T, Conflict> {
  const found = new Map<T, Conflict>();
  for (const group of byPort(listeners)) {
    const held: T[] = [];
    for (const own of byOwner(group)) {
      const left = own.filter((listener) => !explainFirst(listener, held, options.mixedTls, found));
      for (const listener of left) {
        const others = left.filter((other) => other !== listener);
        explainFirst(listener, others, options.mixedTls, found);
      }
      held.push(...left);
    }
  }
  return found;
}

/** Finds the first of others that a listener is in conflict with. */
function explainFirst<T extends Candidate>(
  listener: T,
  others: readonly T[],
  mixedTls: boolean,
  found: Map<T, Conflict>,
): boolean {
  for (const other of others) {
    const reason = conflictOf(other, listener, mixedTls);
    if (reason === undefined) continue;
    found.set(listener, explain(reason, listener, other));
    return true;
  }
  return false;
}

/** Those of one object stand beside each other. */
function byOwner<T extends Candidate>(listeners: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const listener of listeners) {
    const last = groups.at(-1);
    if (last !== undefined && isSameOwner(last[0]!, listener)) last.push(listener);
    else groups.push([listener]);
  }
  return groups;
}

/** UDP is apart from all else. */
function byPort<T extends Candidate>(listeners: readonly T[]): Iterable<T[]> {
  const groups = new Map<string, T[]>();
  for (const listener of listeners) {
    const key = `${listener.port}/${listener.protocol === 'UDP' ? 'UDP' : 'TCP'}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [listener]);
    else group.push(listener);
  }
  return groups.values();
}

function conflictOf(a: Candidate, b: Candidate, mixedTls: boolean): Conflict['reason'] | undefined {
  if (layerOf(a) !== layerOf(b)) return 'ProtocolConflict';
  if (a.protocol === 'TCP' || a.protocol === 'UDP') return 'ProtocolConflict';
  if (!mixedTls && a.protocol === 'TLS' && b.protocol === 'TLS' && a.mode !== b.mode) return 'ProtocolConflict';
  if (a.hostname !== b.hostname) return undefined;
  return a.protocol === b.protocol ? 'HostnameConflict' : 'ProtocolConflict';
}

/** What a connection is told apart by. */
function layerOf({ protocol }: Candidate): string {
  return protocol === 'HTTPS' || protocol === 'TLS' ? 'server name' : protocol;
}

function isSameOwner({ owner: a }: Candidate, { owner: b }: Candidate): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

/** Of other people's listeners it is only said that they are there. */
function explain(reason: Conflict['reason'], listener: Candidate, other: Candidate): Conflict {
  const who = isSameOwner(listener, other)
    ? `listener ${other.name}`
    : other.owner.kind === 'Gateway'
      ? 'a listener of the Gateway'
      : 'a listener of another ListenerSet, which comes first,';
  return { reason, message: `${who} ${shared(reason, listener, other)}` };
}

function shared(reason: Conflict['reason'], { port, protocol, hostname }: Candidate, other: Candidate): string {
  if (reason === 'HostnameConflict') {
    return `has the same port ${port} and hostname ${hostname ?? '(none: all)'}: give one of them another`;
  }
  if (protocol !== other.protocol) {
    return `has port ${port} with protocol ${other.protocol}, which ${protocol} cannot share: give one of them another port`;
  }
  if (protocol === 'TLS')
    return `has port ${port} with another tls.mode, which cannot share it: give one of them another port`;
  return `has port ${port}, too, and nothing tells ${protocol} apart: give one of them another port`;
}
