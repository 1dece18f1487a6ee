import { isParseError, type KubeObject } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import { KEP_KIND, KEP_TEXT_KIND, KepSite, serverContent } from 'nekube/kep';
import { failure } from './answers.ts';
import { answerKepCall, KEP_URLS, type KepCall } from './kep-calls.ts';

/** So long KEPs are taken to be as they were. */
const FRESH_MS = 10_000;

/**
 * The KEPs that were synced to the cluster. There is one site of them for all users, who must be allowed to list what it is
 * made of. It is made anew when a Kep has changed.
 */
export class ServerKeps {
  readonly #now: () => number;
  #site: Promise<{ readonly site: KepSite; readonly state: string }> | undefined;
  #until = 0;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The answer as JSON. @throws StatusError */
  async ask(call: KepCall, client: Client): Promise<string> {
    try {
      // who asks must be allowed to read what the answer is made of
      const one = { limit: 1, metadataOnly: true } as const;
      await Promise.all([client.list(KEP_KIND, one), client.list(KEP_TEXT_KIND, one)]);
      return JSON.stringify(await answerKepCall(await this.#fresh(client), call));
    } catch (error) {
      if (isNoMatchError(error)) throw failure(404, 'NotFound', 'no KEPs were synced to this cluster: nekube kep sync');
      throw isParseError(error) ? failure(400, 'BadRequest', error.message) : error;
    }
  }

  async #fresh(client: Client): Promise<KepSite> {
    if (this.#site !== undefined && this.#now() < this.#until) return (await this.#site).site;
    const known = await this.#site;
    const state = await stateOf(client);
    if (known?.state !== state) {
      this.#site = serverContent(client).then((content) => ({ site: new KepSite(content, KEP_URLS), state }));
      this.#site.catch(() => (this.#site = undefined));
    }
    this.#until = this.#now() + FRESH_MS;
    return (await this.#site!).site;
  }
}

/** Another one when any Kep is another one. */
async function stateOf(client: Client): Promise<string> {
  const versions: string[] = [];
  for await (const { metadata } of client.pages<KubeObject>(KEP_KIND, { metadataOnly: true }))
    versions.push(`${metadata.uid}:${metadata.resourceVersion}`);
  return versions.join();
}
