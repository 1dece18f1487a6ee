/** Which of some hostnames a domain belongs to: itself, else the longest wildcard that covers it, else `*`. */
export class Hostnames<T> {
  readonly #byHostname = new Map<string, T>();

  constructor(entries: Iterable<readonly [hostname: string | undefined, T]>) {
    for (const [hostname = '*', value] of entries) this.#byHostname.set(hostname, value);
  }

  /** In time linear in the labels of the domain, which may be a wildcard. */
  bestFor(domain: string): T | undefined {
    const exact = this.#byHostname.get(domain);
    if (exact !== undefined) return exact;
    let rest = domain.startsWith('*.') ? domain.slice(2) : domain;
    for (let dot = rest.indexOf('.'); dot !== -1; dot = rest.indexOf('.')) {
      rest = rest.slice(dot + 1);
      const found = this.#byHostname.get(`*.${rest}`);
      if (found !== undefined) return found;
    }
    return this.#byHostname.get('*');
  }

  /** Of those that cover a hostname beside itself the best. */
  broaderThan(hostname: string): T | undefined {
    if (hostname === '*') return undefined;
    const rest = hostname.startsWith('*.') ? hostname.slice(2) : hostname;
    const parent = rest.slice(rest.indexOf('.') + 1);
    if (!rest.includes('.')) return this.#byHostname.get('*');
    return this.bestFor(`*.${parent}`);
  }
}
