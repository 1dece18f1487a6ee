import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldOutText } from './chart-text.ts';

/** Of a chart that was to be tried on 300 resources. */
function text({ tried, refused = 0 }: { tried: number; refused?: number }): string {
  const heldOut = { tried, refused, silent: [], examples: [] };
  const found = { templates: {} as never, examples: 120, madeOnce: [], untried: [], heldOut };
  return heldOutText(found, { by: 'evaluation', tried, failures: [], mostWrong: 0 }, 300);
}

test('a chart that was tried on fewer resources than were asked for says so, and why', () => {
  assert.match(
    text({ tried: 270 }),
    /\n {2}fewer than the 300 that were asked for, since the time was over \(--budget\)\n/,
  );
  assert.match(
    text({ tried: 270, refused: 9 }),
    /asked for: the time was over, or too many were refused \(--budget\)\n/,
  );
  assert.doesNotMatch(text({ tried: 300 }), /asked for/);
});
