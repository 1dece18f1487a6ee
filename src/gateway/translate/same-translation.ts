import assert from 'node:assert/strict';
import type { Translation } from './translator.ts';

/** For tests: both say the same, whatever sort of maps they are in. @throws AssertionError they do not */
export function assertSameTranslation(actual: Translation, expected: Translation, message?: string): void {
  assert.deepEqual(withPlainMaps(actual), withPlainMaps(expected), message);
}

function withPlainMaps({ statuses, ...more }: Translation) {
  const parts = Object.entries(statuses as unknown as Readonly<Record<string, ReadonlyMap<string, unknown>>>);
  return { ...more, statuses: Object.fromEntries(parts.map(([part, map]) => [part, new Map(map)])) };
}
