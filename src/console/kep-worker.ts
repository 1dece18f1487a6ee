import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { isParseError, newBadRequest, newFailure, type Status, StatusError } from 'nekube/apimachinery';
import { type CheckoutContent, checkoutContent, GitError, headOf, KepSite, readFeatureList } from 'nekube/kep';
import { answerKepCall, KEP_URLS, type KepCall } from './kep-calls.ts';
import type { KepCheckout } from './kep-checkout.ts';

/** What the thread is asked. */
export interface KepQuestion extends KepCall {
  readonly id: number;
}

/** What it answers: JSON, an image, or a failure. */
export type KepAnswer = { readonly id: number } & (
  | { readonly answer: string | Uint8Array }
  | { readonly failure: Status }
);

/** Sites are kept of so many days. */
const MOST_SITES = 3;

// The thread in which a checkout is read: its files and git's answers are read at a stretch, for seconds.
const { from, features } = workerData as KepCheckout;
const sites = new Map<string, Site>();

interface Site {
  readonly site: KepSite;
  readonly content: CheckoutContent;
}

parentPort?.on('message', (question: KepQuestion) => {
  void answer(question).then((said) => parentPort!.postMessage(said));
});

async function answer({ id, ...call }: KepQuestion): Promise<KepAnswer> {
  try {
    const query = new URLSearchParams(call.query);
    const { site, content } = siteAt(query.get('asOf') || undefined);
    if (call.path === 'image') return { id, answer: imageOf(content, query.get('path') ?? '') };
    return { id, answer: JSON.stringify(await answerKepCall(site, call)) };
  } catch (error) {
    return { id, failure: StatusError.from(understood(error)).status };
  }
}

function imageOf(content: CheckoutContent, path: string): Uint8Array {
  const image = content.imageOf?.(path);
  if (image !== undefined) return image;
  throw newFailure(404, 'NotFound', 'the checkout has no such image');
}

function siteAt(asOf: string | undefined): Site {
  const key = `${asOf ?? ''} ${headOf(from) ?? ''}`;
  const known = sites.get(key);
  if (known !== undefined) return known;
  const codeGates = features === undefined ? undefined : readFeatureList(readFileSync(features, 'utf8'));
  const content = checkoutContent(from, asOf === undefined ? {} : { asOf });
  const imageUrl = (path: string): string | undefined => {
    if (content.imageOf?.(path) === undefined) return undefined;
    return `/console/kep/image?${new URLSearchParams({ path, ...(asOf !== undefined && { asOf }) }).toString()}`;
  };
  const site = new KepSite({ ...content, ...(codeGates && { codeGates }) }, { ...KEP_URLS, imageUrl });
  for (const old of sites.keys()) if (sites.size >= MOST_SITES) sites.delete(old);
  const made = { site, content };
  sites.set(key, made);
  // the first search would wait for it
  if (asOf === undefined) void site.prepareSearch().catch(() => {});
  return made;
}

function understood(error: unknown): unknown {
  if (error instanceof GitError || isParseError(error)) return newBadRequest(error.message);
  return error;
}
