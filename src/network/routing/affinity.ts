import type { RouteEndpoint } from './choose-endpoints.ts';

/** What is remembered of a client. */
interface Kept {
  readonly endpoint: string;
  until: number;
}

/** More clients than this are not remembered at once; the one that is forgotten is the one that came longest ago. */
const MOST_CLIENTS = 10_000;

/** Which endpoint each client had, for as long as it comes back in time. */
export class Affinity {
  readonly #kept = new Map<string, Kept>();

  /** The endpoint for a client: the one it had, if it may still have it; else `choose` says. */
  endpointFor(
    client: string,
    among: readonly RouteEndpoint[],
    options: { readonly now: number; readonly ms: number; readonly choose: () => RouteEndpoint | undefined },
  ): RouteEndpoint | undefined {
    const { now, ms, choose } = options;
    const kept = this.#kept.get(client);
    const same =
      kept !== undefined && kept.until > now ? among.find((one) => nameOf(one) === kept.endpoint) : undefined;
    const chosen = same ?? choose();
    this.#kept.delete(client);
    if (chosen !== undefined) this.#kept.set(client, { endpoint: nameOf(chosen), until: now + ms });
    if (this.#kept.size > MOST_CLIENTS) this.#kept.delete(this.#kept.keys().next().value!);
    return chosen;
  }
}

function nameOf({ ip, port }: RouteEndpoint): string {
  return `${ip} ${port}`;
}
