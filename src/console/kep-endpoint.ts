import type { Client } from 'nekube/client';
import type { KepCall, KepSource } from './kep-calls.ts';
import { FEEDS } from './kep-feeds.ts';

/** What is sent of KEPs. */
export interface KepAnswer {
  readonly body: string | Uint8Array;
  readonly type: string;
}

/**
 * What a page asks of the site of KEPs; a feed is made of what changed.
 *
 * @param client acts as who asks
 * @throws StatusError
 */
export async function answerKeps(source: KepSource, { path, query }: KepCall, client: Client): Promise<KepAnswer> {
  const feedOf = Object.hasOwn(FEEDS, path) ? FEEDS[path] : undefined;
  const body = await source.ask({ path: feedOf === undefined ? path : 'changes', query }, client);
  if (typeof body !== 'string') return { body, type: imageType(new URLSearchParams(query).get('path') ?? '') };
  return feedOf === undefined ? { body, type: 'application/json' } : feedOf(JSON.parse(body));
}

/** The types of images by the ends of their names. */
const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  webp: 'image/webp',
  avif: 'image/avif',
};

/** What browsers are told of an image. What is none that they show is something to be kept. */
function imageType(path: string): string {
  return IMAGE_TYPES[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}
