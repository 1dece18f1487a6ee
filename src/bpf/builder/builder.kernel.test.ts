import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interpreter } from '../interpreter/index.ts';
import { loadProgram } from '../kernel/index.ts';
import type { ProgramSpec } from '../spec/index.ts';
import { Random } from '../testing/random.ts';
import { whyNoKernel } from '../testing/rights.ts';
import { build, type Value } from './index.ts';

/** A program of more values than there are registers, with branches, calls and early endings among them. */
function crowded(seed: number, statements: number): ProgramSpec {
  const random = new Random(seed);
  return build({ name: 'crowded', type: 'xdp' }, (b) => {
    const values: Value<'u32'>[] = Array.from({ length: 14 }, () => b.variable(b.constant('u32', random.bits())));
    for (let i = 0; i < statements; i++) {
      const [x, y, z] = [random.of(values), random.of(values), random.of(values)];
      const next = random.of([
        () => x.add(y),
        () => x.sub(y),
        () => x.xor(y).rotate(5),
        () => x.mul(y),
        () => x.toNetwork().toHost().shr(3),
        () => x.mod(1000),
      ])();
      if (random.chance(20))
        b.if(
          random.chance(50) ? x.lt(y) : x.has(64),
          () => z.assign(next),
          () => x.assign(next),
        );
      else z.assign(next);
      if (random.chance(5)) b.if(x.eq(random.below(100)), () => b.return(i));
      if (random.chance(5)) b.call('get_smp_processor_id');
    }
    b.return(values.reduce((all, one) => all.xor(one)));
  });
}

test('the kernel takes what is built, and does what the interpreter does', { skip: whyNoKernel() ?? false }, () => {
  for (let seed = 1; seed <= 40; seed++) {
    const spec = crowded(seed, 80);
    const program = loadProgram(spec);
    const data = new Uint8Array(64);
    const real = program.testRun({ data }).result;
    program.close();
    assert.equal(new Interpreter().run(spec, { data }).result, real, `seed ${seed}`);
  }
});

test('places on the stack are shared by values that are not alive together', () => {
  // of 14 values at a time, however many there are in all
  assert.doesNotThrow(() => crowded(7, 600));
});
