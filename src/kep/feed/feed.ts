import type { KepChange } from '../history/timeline.ts';
import type { Kep } from '../model/kep.ts';

/** A change with the KEP that it is of. */
export interface ChangeOfKep {
  readonly kep: Pick<Kep, 'name' | 'number' | 'title' | 'owningSig'>;
  readonly change: KepChange;
}

/** What a feed says of itself. */
export interface FeedAbout {
  /** Behind `tag:keps.nekube.dev,2026:`; one feed each. */
  readonly id?: string;
  readonly title?: string;
  /** Where the feed itself is; absent: it does not say. */
  readonly selfUrl?: string;
  /** The pages that it is of; default: the repository. */
  readonly homeUrl?: string;
}

const REPOSITORY = 'https://github.com/kubernetes/enhancements';
const TITLE = 'Kubernetes Enhancement Proposals: changes';

/** A change in words: `status: provisional → implementable`. */
export function changeText({ field, from, to }: KepChange): string {
  if (field === 'kep') return to === undefined ? 'taken away' : 'proposed';
  if (from === undefined) return `${field}: ${to}`;
  return to === undefined ? `${field}: ${from}, no more` : `${field}: ${from} → ${to}`;
}

/** Changes of a KEP by one commit are one entry. */
interface Entry {
  readonly id: string;
  readonly kep: ChangeOfKep['kep'];
  readonly time: string;
  readonly url: string;
  readonly texts: readonly string[];
}

function entriesOf(changes: readonly ChangeOfKep[]): readonly Entry[] {
  const entries = new Map<string, Entry & { readonly texts: string[] }>();
  for (const { kep, change } of changes) {
    const { commit, time, pullRequest } = change;
    const id = `tag:keps.nekube.dev,2026:${commit}/${kep.name}`;
    const url = pullRequest === undefined ? `${REPOSITORY}/commit/${commit}` : `${REPOSITORY}/pull/${pullRequest}`;
    const entry = entries.get(id) ?? { id, kep, time, url, texts: [] };
    entry.texts.push(changeText(change));
    entries.set(id, entry);
  }
  return [...entries.values()].sort((a, b) => (a.time > b.time ? -1 : a.time < b.time ? 1 : 0));
}

function titleOf({ kep, texts }: Entry): string {
  const name = kep.number === undefined ? kep.title : `KEP-${kep.number} ${kep.title}`;
  return `${name}: ${texts.join('; ')}`;
}

/** Changes as an Atom feed (RFC 4287), the newest first. It was updated when the newest of them was made. */
export function atomFeed(
  changes: readonly ChangeOfKep[],
  { id = 'changes', title = TITLE, selfUrl, homeUrl = REPOSITORY }: FeedAbout = {},
): string {
  const entries = entriesOf(changes);
  const items = entries.map((entry) =>
    [
      '  <entry>',
      `    <id>${escaped(entry.id)}</id>`,
      `    <title>${escaped(titleOf(entry))}</title>`,
      `    <updated>${entry.time}</updated>`,
      `    <link rel="alternate" href="${escaped(entry.url)}"/>`,
      `    <category term="${escaped(entry.kep.owningSig)}"/>`,
      `    <content type="text">${escaped(entry.texts.join('\n'))}</content>`,
      '  </entry>\n',
    ].join('\n'),
  );
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `  <id>tag:keps.nekube.dev,2026:${escaped(id)}</id>`,
    `  <title>${escaped(title)}</title>`,
    `  <updated>${entries[0]?.time ?? '1970-01-01T00:00:00Z'}</updated>`,
    `  <author><name>kubernetes/enhancements</name></author>`,
    `  <link rel="alternate" href="${escaped(homeUrl)}"/>`,
    ...(selfUrl === undefined ? [] : [`  <link rel="self" href="${escaped(selfUrl)}"/>`]),
    `${items.join('')}</feed>\n`,
  ].join('\n');
}

/** Changes as a JSON Feed (version 1.1), the newest first. */
export function jsonFeed(
  changes: readonly ChangeOfKep[],
  { title = TITLE, selfUrl, homeUrl = REPOSITORY }: FeedAbout = {},
): object {
  return {
    version: 'https://jsonfeed.org/version/1.1',
    title,
    home_page_url: homeUrl,
    ...(selfUrl !== undefined && { feed_url: selfUrl }),
    items: entriesOf(changes).map((entry) => ({
      id: entry.id,
      url: entry.url,
      title: titleOf(entry),
      content_text: entry.texts.join('\n'),
      date_published: entry.time,
      tags: [entry.kep.owningSig],
    })),
  };
}

/** Text in XML; control characters, which it has no way to write, are left out. */
function escaped(text: string): string {
  const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '').replace(/[&<>"]/g, (one) => references[one]!);
}
