import type { Client } from 'nekube/client';
import type { KepHistory } from '../history/history.ts';
import { readFeatureLists } from '../resources/feature-lists.ts';
import { readKeps, readText, readTexts, readTextsVersion } from '../resources/read-keps.ts';
import { REPOSITORY, type SiteContent } from './kep-site.ts';

/**
 * What a site is made from, of the Keps that were synced to a server. Texts are read when they are asked for.
 *
 * @throws NoMatchError: nothing was ever synced to it
 * @throws StatusError what the server answers
 */
export async function serverContent(
  client: Client,
  { repository = REPOSITORY, signal }: { readonly repository?: string; readonly signal?: AbortSignal } = {},
): Promise<SiteContent> {
  const { contents, commit, time } = await readKeps(client, signal);
  const code = await readFeatureLists(client, signal);
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
    ...(code && { codeGates: code.gates, release: code.release }),
    textOf: ({ name }) => readText(client, name),
    textsVersion: () => readTextsVersion(client, signal),
    allTexts: async () => {
      const texts = await readTexts(client, signal);
      return ({ name }) => texts.get(name) ?? '';
    },
  };
}
