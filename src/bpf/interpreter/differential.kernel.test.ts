import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasInstructions } from '../kernel/index.ts';
import { Differential } from '../testing/differential.ts';
import { whyNoKernel } from '../testing/rights.ts';

const PROGRAMS = 150;

/** Random programs have instructions of cpu v4. */
const skip = whyNoKernel() ?? (hasInstructions(4) ? false : 'this kernel has no cpu v4');

test('random programs do the same in the interpreter and in the kernel', { skip }, () => {
  const differential = new Differential();
  try {
    // more of them, and others, by `npm run fuzz -- bpf`
    for (let seed = 1; seed <= PROGRAMS; seed++) assert.equal(differential.run(seed), undefined);
  } finally {
    differential.close();
  }
});
