/** Finds the most specific of many domains that has a host: an exact one, then the longest wildcard (`*.example`), then `*`. */
export class DomainTable<T> {
  readonly #exact = new Map<string, T>();
  /** By what is behind the star: `.example`. */
  readonly #wildcards = new Map<string, T>();
  #rest: T | undefined;

  set(domain: string, value: T): void {
    if (domain === '*') this.#rest = value;
    else if (domain.startsWith('*.')) this.#wildcards.set(domain.slice(1), value);
    else this.#exact.set(domain, value);
  }

  get(host: string): T | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    if (this.#wildcards.size > 0) {
      // the first dot of the host leaves the most; a wildcard stands for one character at least
      for (let dot = host.indexOf('.', 1); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        const value = this.#wildcards.get(host.slice(dot));
        if (value !== undefined) return value;
      }
    }
    return this.#rest;
  }
}
