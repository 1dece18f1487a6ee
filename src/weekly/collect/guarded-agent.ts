import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AddressGuard } from './addresses.ts';
import type { ResolveName } from './resolve-name.ts';

/** An address that must not be connected with was asked for, by name, by number, or by a redirect. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';

  constructor(host: string, address: string) {
    super(`${host} is at ${address}, which is not public; allow its network to read it`);
  }
}

/** How connections are made. */
export interface AgentOptions {
  readonly guard: AddressGuard;
  /** Connections to one origin at a time. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Certificates of authorities that are trusted instead of those that Node trusts. */
  readonly ca?: string;
  /** How names become addresses. */
  readonly resolve: ResolveName;
}

/**
 * An agent that connects with allowed addresses only. What is looked at is the address that the connection is then made with, so
 * neither a name that changes its address in between nor a redirect passes. Certificates are always verified.
 */
export function guardedAgent(options: AgentOptions): Agent {
  const { guard, ca, connectTimeoutMs } = options;
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    rejectUnauthorized: true,
    lookup: guardedLookup(guard, options.resolve),
    ...(ca !== undefined && { ca }),
  });
  const guarded: buildConnector.connector = (to, callback) => {
    const host = to.hostname.replace(/^\[|\]$/g, '');
    // an address is connected with as it is, without being looked up
    if (isIP(host) !== 0 && !guard.allows(host)) return callback(new AddressRefusedError(to.hostname, host), null);
    connect(to, callback);
  };
  return new Agent({
    connect: guarded,
    connections: options.connections,
    pipelining: 1,
    headersTimeout: options.idleTimeoutMs,
    bodyTimeout: options.idleTimeoutMs,
  });
}

/** Looks a name up, and gives the addresses that may be connected with; an error if there are none. */
function guardedLookup(guard: AddressGuard, resolve: ResolveName): LookupFunction {
  return (hostname, options, callback) => {
    const done = (addresses: readonly LookupAddress[]) => {
      const allowed = addresses.filter(({ address }) => guard.allows(address));
      const [first] = allowed;
      if (first === undefined) throw new AddressRefusedError(hostname, addresses[0]?.address ?? 'no address');
      return { allowed, first };
    };
    resolve(hostname)
      .then(done)
      .then(
        ({ allowed, first }) => (options.all ? callback(null, allowed) : callback(null, first.address, first.family)),
        (error: NodeJS.ErrnoException) => callback(error, '', 0),
      );
  };
}
