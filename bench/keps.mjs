// What the measurements of KEPs have in common: a checkout on a server, and what is looked for.
import { checkoutContent, syncKeps } from 'nekube/kep';

/** What somebody may look for: a word, several, one that nearly all texts have. */
export const QUERIES = [
  'user namespaces',
  'sidecar',
  'pod scheduling',
  'the',
  'in place pod resize',
  'windows',
  'gpu device',
];

/** Brings the KEPs of a checkout to a server, with histories and texts; gives them. */
export async function syncCheckout(client, from) {
  const { keps, findings, histories, textOf } = checkoutContent(from);
  const contents = keps.map((kep) => ({
    kep,
    findings: findings.get(kep.name) ?? [],
    history: histories().get(kep.name),
    text: textOf(kep),
  }));
  await syncKeps(client, contents, { source: 'bench' });
  return keps;
}

/** Milliseconds that a search at a console takes, with the way there and back. `browser` is signed in. */
export async function searchMs(browser, query) {
  const begin = performance.now();
  const { code, text } = await browser.fetch(`/console/kep/search?limit=200&q=${encodeURIComponent(query)}`);
  if (code !== 200) throw new Error(text);
  return performance.now() - begin;
}
