import { isStatusError } from 'nekube/apimachinery';
import {
  canonicalUrl,
  pageMetadata,
  STORY,
  type StoryObject,
  storyName,
  storyTitle,
  textOfTitle,
  WEEKLY_API,
  withoutSecrets,
} from 'nekube/weekly';
import { withNewsroom } from './newsroom.ts';
import { CliError, type Io } from '../io.ts';
import type { AddFlags } from './add-command.ts';
import { editorOf } from './editor.ts';
import { printable } from '../printable.ts';
import { openSources } from './sources.ts';

/** Proposes a page. @throws CliError if it is no address of a page, or cannot be read */
export async function addStory(address: string, flags: AddFlags, io: Io): Promise<void> {
  const editor = editorOf(flags, io);
  if (canonicalUrl(address) === undefined)
    throw new CliError(`"${address}" is no address of a page`, { hint: 'it must begin with https:// or http://' });
  const page =
    flags.title === undefined ? await read(address, flags, io) : { title: flags.title, url: canonicalUrl(address)! };
  const { section } = flags;
  const { published, ...told } = page;
  await withNewsroom(flags, io, async (client) => {
    const metadata = { name: storyName(page.url), namespace: client.defaultNamespace };
    const spec = {
      ...told,
      proposedBy: editor,
      ...(published !== undefined && { publishedTime: published }),
      ...(section !== undefined && { section }),
    };
    try {
      const options = { fieldManager: editor, signal: io.signal };
      await client.create<StoryObject>({ apiVersion: WEEKLY_API, kind: 'Story', metadata, spec }, options);
      io.stdout(`story.weekly.nekube.dev/${metadata.name} created: ${printable(textOfTitle(page.title))}\n`);
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error;
      const { spec: there } = await client.get(STORY, metadata, { signal: io.signal });
      const by = there.feedRef?.name ?? there.proposedBy ?? 'nobody knows who';
      io.stdout(`story.weekly.nekube.dev/${metadata.name} unchanged: proposed before by ${by}\n`);
    }
  });
}

interface Page {
  readonly title: string;
  readonly url: string;
  readonly published?: string;
}

/** What a page says of itself. The address that it gives itself counts if it is of the same site. */
async function read(address: string, flags: AddFlags, io: Io): Promise<Page> {
  const sources = openSources(flags, io);
  try {
    const answer = await sources.fetcher.fetch({ url: address, signal: io.signal });
    if (answer.kind !== 'document') {
      const why = answer.kind === 'failed' ? answer.message : 'it is gone';
      const isRefused = answer.kind === 'failed' && answer.reason === 'AddressRefused';
      throw new CliError(`Cannot read ${withoutSecrets(address)}: ${why}`, {
        hint: `${isRefused ? '--allow-network CIDR, if you trust what is there; ' : ''}--title 'TEXT' adds it without reading it`,
      });
    }
    const { title, canonical: own, published } = pageMetadata(answer.bytes, answer.contentType, answer.url);
    const url = canonicalUrl(own !== undefined && isSameSite(own, answer.url) ? own : answer.url) ?? address;
    return { title: storyTitle(title) || url, url, ...(published !== undefined && { published }) };
  } finally {
    await sources.close();
  }
}

function isSameSite(a: string, b: string): boolean {
  return new URL(a).hostname.replace(/^www\./, '') === new URL(b).hostname.replace(/^www\./, '');
}
