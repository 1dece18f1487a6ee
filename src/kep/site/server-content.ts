import { isStatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { KepHistory } from '../history/history.ts';
import { readFeatureLists } from '../resources/feature-lists.ts';
import { readKeps, readText, readTexts, readTextsVersion, type ServerKeps } from '../resources/read-keps.ts';
import { unfinishedSyncs } from '../resources/unfinished-syncs.ts';
import { REPOSITORY, type SiteContent } from './kep-site.ts';

/**
 * What a site is made from, of the Keps that were synced to a server. Texts are read when they are asked for. Who may not list
 * the code's gates has the KEPs without them, and is told so in `source.codeDenied`.
 *
 * @throws NoMatchError: nothing was ever synced to it
 * @throws StatusError what the server answers
 */
export async function serverContent(
  client: Client,
  { repository = REPOSITORY, signal }: { readonly repository?: string; readonly signal?: AbortSignal } = {},
): Promise<SiteContent> {
  const [keps, unfinished] = await Promise.all([readKeps(client, signal), unfinishedSyncs(client, signal)]);
  const ofKeps = contentOf(keps, repository);
  const content: SiteContent = {
    ...ofKeps,
    source: { ...ofKeps.source, ...(unfinished.length > 0 && { unfinished }) },
    textOf: ({ name }) => readText(client, name),
    textsVersion: () => readTextsVersion(client, signal),
    allTexts: async () => {
      const texts = await readTexts(client, signal);
      return ({ name }) => texts.get(name) ?? '';
    },
  };
  try {
    return { ...content, ...(await serverCode(client, signal)) };
  } catch (error) {
    if (!isStatusError(error, 'Forbidden')) throw error;
    return { ...content, source: { ...content.source, codeDenied: error.message } };
  }
}

/**
 * The code's gates that were synced to a server, as part of a site's content; nothing where there are none.
 *
 * @throws StatusError what the server answers
 */
export async function serverCode(
  client: Client,
  signal?: AbortSignal,
): Promise<Pick<SiteContent, 'codeGates' | 'release'>> {
  const code = await readFeatureLists(client, signal);
  return code === undefined ? {} : { codeGates: code.gates, release: code.release };
}

/** What Keps tell of a site, without texts. */
export function contentOf(
  { contents, commit, time }: ServerKeps,
  repository: string,
): Pick<SiteContent, 'source' | 'keps' | 'findings' | 'histories'> {
  const histories = new Map(
    contents.flatMap(({ kep, history }): readonly [string, KepHistory][] =>
      history === undefined ? [] : [[kep.name, history]],
    ),
  );
  return {
    source: { repository, ...(commit && { commit }), ...(time && { time }) },
    keps: contents.map(({ kep }) => kep),
    findings: new Map(contents.map(({ kep, findings }) => [kep.name, findings])),
    histories: () => histories,
  };
}
