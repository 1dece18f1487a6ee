import type { JsonObject } from 'nekube/apimachinery';
import { patternOf } from 'nekube/smd';
import type { BlamedLine } from '../blame.ts';
import { ownerData } from './owner-data.ts';

/** A line and its owners in the form for programs: docs/ownership.md. */
export function blamedLineData({ text, path, owners, claim }: BlamedLine): JsonObject {
  return { text, path: patternOf(path), ...(owners.length > 0 && { owners: owners.map(ownerData), claim: claim! }) };
}
