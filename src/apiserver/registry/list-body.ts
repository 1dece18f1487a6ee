import type { Entry } from 'nekube/storage';
import { itemBytes, writeItem } from './record.ts';

/** A list that was answered not long ago. */
interface Kept {
  readonly entries: readonly Entry[];
  readonly head: string;
  readonly body: Buffer;
}

/** Smaller lists are written again as fast as they are found. */
const MIN_KEPT_BYTES = 64 * 1024;
/** So much is kept at most, so that idle memory stays what the objects need. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
const KEPT_LISTS = 4;
const KEPT_MS = 1000;
const COMMA = 0x2c;
const END = ']}\n';

/** The newest first. */
let kept: readonly Kept[] = [];
let forgetting: NodeJS.Timeout | undefined;

/**
 * A list in plain JSON: `head`, which is ASCII and ends with the bracket that opens the items, then the items and the
 * end. Read only: clients that list the same, of which nothing changed in between, share the bytes.
 */
export function listBody(head: string, entries: readonly Entry[]): Buffer {
  const known = kept.find((list) => sameEntries(list.entries, entries));
  if (known?.head === head) return known.body;
  const body = known === undefined ? writeBody(head, entries) : withHead(head, known);
  if (body.length >= MIN_KEPT_BYTES) keep({ entries, head, body });
  return body;
}

/** An entry never changes, so the same entries are the same bytes. */
function sameEntries(a: readonly Entry[], b: readonly Entry[]): boolean {
  return a.length === b.length && a.every((entry, i) => entry === b[i]);
}

function withHead(head: string, { head: before, body }: Kept): Buffer {
  return Buffer.concat([Buffer.from(head), body.subarray(before.length)]);
}

function writeBody(head: string, entries: readonly Entry[]): Buffer {
  let bytes = head.length + Math.max(0, entries.length - 1) + END.length;
  for (const entry of entries) bytes += itemBytes(entry);
  const body = Buffer.allocUnsafe(bytes);
  let at = body.write(head, 'latin1');
  entries.forEach((entry, i) => {
    if (i > 0) body[at++] = COMMA;
    at = writeItem(entry, body, at);
  });
  body.write(END, at, 'latin1');
  return body;
}

/** Keeps a list for a moment: what many ask for they ask for at once. */
function keep(list: Kept): void {
  let bytes = 0;
  const others = kept.filter((one) => !sameEntries(one.entries, list.entries));
  kept = [list, ...others].slice(0, KEPT_LISTS).filter(({ body }) => (bytes += body.length) <= MAX_KEPT_BYTES);
  forgetting ??= setTimeout(() => {
    kept = [];
    forgetting = undefined;
  }, KEPT_MS).unref();
}
