import type { KubeObject } from 'nekube/apimachinery';
import { type Client, each } from 'nekube/client';
import { KEP_KIND, KEP_TEXT_KIND } from '../resources/definition.ts';
import { kepsOf, textOf } from '../resources/read-keps.ts';
import { GrowingIndex, type KepWithText } from '../search/growing-index.ts';
import { REPOSITORY, type SiteContent } from './kep-site.ts';
import { contentOf } from './server-content.ts';

/** A watch ends after so long, so that what nobody asks for is not watched for ever. */
const WATCH_SECONDS = 600;

/**
 * The Keps of a server with their texts, and an index of these, for who keeps a site for long. What is another than it was is all that
 * is read again and put into the index anew, which answers all the while. After a first list they are watched for ten minutes, where
 * that is allowed.
 */
export class LiveKeps {
  readonly #keps: Known = { kind: KEP_KIND, objects: new Map() };
  readonly #texts: Known = { kind: KEP_TEXT_KIND, objects: new Map() };
  readonly #index = new GrowingIndex((name) => this.#withText(name));
  #watching = { count: 0, stop: new AbortController() };
  #textsRead: TextsRead = { state: 'absent', read: Promise.resolve() };
  #isOther = false;
  #isClosed = false;
  #content: SiteContent = this.#contentNow();

  /** What a site is made from, as of the last update; without the code's gates. */
  get content(): SiteContent {
    return this.#content;
  }

  /** Changes come by themselves, and an update costs nothing. */
  get isWatched(): boolean {
    return this.#watching.count === 2;
  }

  /**
   * Brings `content` up to date, which takes rights to list Keps and KepTexts, and is cheaper with those to watch them. The first time it
   * ends with the Keps, and who asks for a text waits for all of them. True: it is another.
   *
   * @throws NoMatchError: nothing was ever synced to the server
   * @throws StatusError what the server answers
   */
  async update(client: Client): Promise<boolean> {
    const { state } = this.#textsRead;
    if (!this.isWatched && state !== 'reading' && state !== 'renewing') await this.#read(client);
    const isOther = this.#isOther;
    this.#isOther = false;
    if (isOther) this.#content = this.#contentNow();
    return isOther;
  }

  /** Watches no more, and makes no index. */
  close(): void {
    this.#isClosed = true;
    this.#watching.stop.abort();
    this.#index.close();
  }

  async #read(client: Client): Promise<void> {
    this.#watching.stop.abort();
    this.#watching = { count: 0, stop: new AbortController() };
    await this.#readKind(client, this.#keps);
    const hadTexts = this.#hasTexts;
    const read = this.#readTexts(client);
    if (hadTexts) await read;
    // who asks for a text is told
    else read.catch(() => {});
  }

  async #readTexts(client: Client): Promise<void> {
    const [before, read] = [this.#textsRead, this.#readKind(client, this.#texts)];
    this.#textsRead = 'read' in before ? { state: 'reading', read } : { state: 'renewing' };
    try {
      await read;
      this.#textsRead = { state: 'there' };
    } catch (error) {
      this.#textsRead = 'read' in before ? { state: 'absent', read } : before;
      throw error;
    }
  }

  get #hasTexts(): boolean {
    return !('read' in this.#textsRead);
  }

  async #readKind(client: Client, known: Known): Promise<void> {
    const { resourceVersion, objects } = await changesOf(client, known);
    if (this.#isClosed) return;
    for (const [name, object] of objects) this.#take(known, name, object);
    void this.#watch(client, known, resourceVersion);
  }

  async #watch(client: Client, known: Known, resourceVersion: string): Promise<void> {
    const watching = this.#watching;
    const { signal } = watching.stop;
    const options = { resourceVersion, timeoutSeconds: WATCH_SECONDS, signal };
    watching.count++;
    try {
      for await (const { type, object } of client.watch<KubeObject>(known.kind, options))
        if (type !== 'BOOKMARK') this.#take(known, object.metadata.name!, type === 'DELETED' ? undefined : object);
    } catch {
      // the next update reads what differs
    } finally {
      watching.count--;
    }
  }

  #take({ kind, objects }: Known, name: string, object: KubeObject | undefined): void {
    if (object === undefined) objects.delete(name);
    else objects.set(name, object);
    // texts are looked up when they are asked for
    if (kind === KEP_KIND) this.#isOther = true;
    this.#index.change(name);
  }

  #withText(name: string): KepWithText | undefined {
    const object = this.#keps.objects.get(name);
    const text = this.#texts.objects.get(name);
    const [content] = kepsOf(object === undefined ? [] : [object]).contents;
    return content && { kep: content.kep, text: text === undefined ? '' : textOf(text) };
  }

  #contentNow(): SiteContent {
    const textAt = ({ name }: { readonly name: string }): string => {
      const object = this.#texts.objects.get(name);
      return object === undefined ? '' : textOf(object);
    };
    return {
      ...contentOf(kepsOf([...this.#keps.objects.values()]), REPOSITORY),
      textOf: async (kep) => {
        await this.#texted();
        return textAt(kep);
      },
      allTexts: async () => {
        await this.#texted();
        return textAt;
      },
      searchIndex: {
        index: this.#index.index,
        waiting: () => (this.#hasTexts ? this.#index.waiting() : this.#keps.objects.size),
        whole: async () => {
          await this.#texted();
          await this.#index.whole();
        },
      },
    };
  }

  async #texted(): Promise<void> {
    if ('read' in this.#textsRead) await this.#textsRead.read;
  }
}

/** How far the texts are. While there are none, who asks for one waits for `read`, and is told why it failed. */
type TextsRead =
  | { readonly state: 'absent' | 'reading'; readonly read: Promise<void> }
  /** They were read, and are kept up to date since; what is another by now may be read anew. */
  | { readonly state: 'there' | 'renewing' };

interface Known {
  readonly kind: typeof KEP_KIND | typeof KEP_TEXT_KIND;
  /** By name. */
  readonly objects: Map<string, KubeObject>;
}

interface Changes {
  /** The revision of the list. */
  readonly resourceVersion: string;
  /** By name; undefined: it is gone. */
  readonly objects: ReadonlyMap<string, KubeObject | undefined>;
}

/** More than so many are not asked for one by one. */
const MOST_SINGLE = 20;
const AT_ONCE = 4;

/** The objects that are others than those that are known. */
async function changesOf(client: Client, { kind, objects: known }: Known): Promise<Changes> {
  const { metadata, items } = await client.list<KubeObject>(kind, { metadataOnly: true });
  const versions = new Map(items.map((object) => [object.metadata.name!, versionOf(object)]));
  const changes = new Map<string, KubeObject | undefined>();
  for (const name of known.keys()) if (!versions.has(name)) changes.set(name, undefined);
  const others = [...versions.keys()].filter((name) => versions.get(name) !== versionOf(known.get(name)));
  if (others.length <= MOST_SINGLE)
    await each(others, AT_ONCE, async (name) => {
      // who may list them need not have the right to get one
      const { items } = await client.list<KubeObject>(kind, { fieldSelector: `metadata.name=${name}` });
      changes.set(name, items[0]);
    });
  else {
    const wanted = new Set(others);
    for await (const object of client.pages<KubeObject>(kind, { limit: 50 }))
      if (wanted.has(object.metadata.name!)) changes.set(object.metadata.name!, object);
  }
  return { resourceVersion: metadata.resourceVersion ?? '', objects: changes };
}

function versionOf(object: KubeObject | undefined): string {
  return `${object?.metadata.uid} ${object?.metadata.resourceVersion}`;
}
