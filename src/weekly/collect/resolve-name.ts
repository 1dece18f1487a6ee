import { type LookupAddress, lookup, promises } from 'node:dns';

/** Gives the addresses of a name, as `dns.lookup` with `all`. */
export type ResolveName = (name: string) => Promise<readonly LookupAddress[]>;

/** How long a name server is waited for before it is asked again, and how often it is asked. */
const ASKED = { timeout: 2000, tries: 2 };

/** What a name server says of a name that it does not know. */
const UNKNOWN = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EBADQUERY']);

/**
 * Asks name servers itself. The system's way runs on four threads, which four names whose servers are silent would hold, and with them
 * every other feed; it is used only for what name servers do not know, so that names of /etc/hosts are found.
 */
export function resolveBySystem(servers?: readonly string[]): ResolveName {
  const resolver = new promises.Resolver(ASKED);
  if (servers !== undefined) resolver.setServers(servers);
  return async (name) => {
    if (!name.includes('.')) return await lookupBySystem(name);
    const asked = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = asked.flatMap((answer, at) =>
      answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family: at === 0 ? 4 : 6 })) : [],
    );
    if (found.length > 0) return found;
    const errors = asked.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as NodeJS.ErrnoException] : [],
    );
    const error = errors.find(({ code }) => !UNKNOWN.has(code ?? ''));
    if (error !== undefined) throw error;
    return await lookupBySystem(name);
  };
}

function lookupBySystem(name: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}
