/** Whether a domain of a virtual host or chain (`shop.example`, `*.example`, `*`) has a host; both in lower case. */
export function covers(domain: string, host: string): boolean {
  if (domain === '*' || domain === host) return true;
  return domain.startsWith('*.') && host.length >= domain.length && host.endsWith(domain.slice(1));
}

/** Below zero if `a` is more specific: an exact one before wildcards, a long wildcard before a short one. */
export function compareDomains(a: string, b: string): number {
  const exact = Number(a.startsWith('*')) - Number(b.startsWith('*'));
  return exact === 0 ? b.length - a.length : exact;
}

/** The most specific of the domains that have the host. */
export function mostSpecific(domains: Iterable<string>, host: string): string | undefined {
  let best: string | undefined;
  for (const domain of domains) {
    if (covers(domain, host) && (best === undefined || compareDomains(domain, best) < 0)) best = domain;
  }
  return best;
}
