// Differences to the real CEL that stay, each with its reason; src/cel/testdata/differences.json tells them to readers.
import { readFileSync } from 'node:fs';

const DIFFERENCES = JSON.parse(
  readFileSync(new URL('../../src/cel/testdata/differences.json', import.meta.url), 'utf8'),
);

/** Why a difference is none; undefined for one that is. */
export function explain({ expression }, theirs, mine, parts) {
  return DIFFERENCES.find(({ what, expressions, messages, either }) => {
    if (!parts.every((part) => what.includes(part))) return false;
    const texts = [theirs.compileError, theirs.error, ...(either ? [mine.compileError] : [])];
    const isNamed = expressions === undefined || new RegExp(expressions, 's').test(expression);
    return isNamed && (messages === undefined || texts.some((text) => new RegExp(messages, 's').test(text ?? '')));
  })?.why;
}
