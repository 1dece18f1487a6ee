import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { isParseError, type Status } from 'nekube/apimachinery';
import { checkoutContent, GitError, headOf, KepSite, readFeatureList } from 'nekube/kep';
import { failure, statusOf } from './answers.ts';
import { answerKepCall, KEP_URLS, type KepCall } from './kep-calls.ts';
import type { KepCheckout } from './kep-checkout.ts';

/** What the thread is asked. */
export interface KepQuestion extends KepCall {
  readonly id: number;
}

/** What it answers: JSON, or a failure. */
export type KepAnswer = { readonly id: number } & ({ readonly json: string } | { readonly failure: Status });

/** Sites are kept of so many days. */
const MOST_SITES = 3;

// The thread in which a checkout is read: its files and git's answers are read at a stretch, for seconds.
const { from, features } = workerData as KepCheckout;
const sites = new Map<string, KepSite>();

parentPort?.on('message', (question: KepQuestion) => {
  void answer(question).then((said) => parentPort!.postMessage(said));
});

async function answer({ id, ...call }: KepQuestion): Promise<KepAnswer> {
  try {
    const asOf = new URLSearchParams(call.query).get('asOf') || undefined;
    return { id, json: JSON.stringify(await answerKepCall(siteAt(asOf), call)) };
  } catch (error) {
    return { id, failure: statusOf(understood(error)) };
  }
}

function siteAt(asOf: string | undefined): KepSite {
  const key = `${asOf ?? ''} ${headOf(from) ?? ''}`;
  const known = sites.get(key);
  if (known !== undefined) return known;
  const codeGates = features === undefined ? undefined : readFeatureList(readFileSync(features, 'utf8'));
  const content = checkoutContent(from, asOf === undefined ? {} : { asOf });
  const site = new KepSite({ ...content, ...(codeGates && { codeGates }) }, KEP_URLS);
  for (const old of sites.keys()) if (sites.size >= MOST_SITES) sites.delete(old);
  sites.set(key, site);
  // the first search would wait for it
  if (asOf === undefined) void site.prepareSearch().catch(() => {});
  return site;
}

function understood(error: unknown): unknown {
  if (error instanceof GitError || isParseError(error)) return failure(400, 'BadRequest', error.message);
  return error;
}
