import { fnv32a, safeEncode } from './go-hash.ts';
import { GoDump } from './go-dump.ts';
import { amountText, goQuantity } from './go-quantity.ts';

const TEMPLATE = 'core/v1.PodTemplateSpec';
const meanings = new WeakMap<object, string>();

/**
 * The value of the label `pod-template-hash`, by which Deployments name their ReplicaSets: FNV-1a over Go's dump of the
 * template with all its types, so that names are the same wherever they are made.
 *
 * @param collisions How often another template had the same hash; absent: never
 */
export function templateHash(template: object, collisions?: number): string {
  const text = Buffer.from(dumpTemplate(template));
  const bytes = collisions === undefined ? text : Buffer.concat([text, littleEndian(collisions)]);
  return safeEncode(fnv32a(bytes));
}

/** The template as go-spew prints it. */
export function dumpTemplate(template: object): string {
  return new GoDump(goQuantity).typed(TEMPLATE, template);
}

/**
 * A text that is the same for templates that mean the same: what is empty is absent, and quantities are their amounts.
 * It is kept for the template, which must not change any more.
 */
export function meaningOfTemplate(template: object): string {
  let meaning = meanings.get(template);
  if (meaning === undefined) {
    meaning = new GoDump(amountText).typed(TEMPLATE, template);
    meanings.set(template, meaning);
  }
  return meaning;
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value);
  return bytes;
}
