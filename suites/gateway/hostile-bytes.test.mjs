// Hostile bytes of clients and servers end neither the embedded data plane nor what others ask of it. More of them:
// npm run fuzz -- dataplane.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rounds } from '../../tools/fuzz/dataplane/rounds.mjs';

const SEED = 20_261_129;
const ROUNDS = 6;

test(`hostile bytes leave the embedded data plane as it was (seed ${SEED})`, { timeout: 180_000 }, async (t) => {
  const rounds = await Rounds.start();
  // whatever is found: what is open would keep the process
  t.after(() => rounds.stop());
  for (let number = 0; number < ROUNDS; number++) {
    const again = `round ${number}; again: npm run fuzz -- dataplane --seed ${SEED} --round ${number}`;
    assert.deepEqual(await rounds.run(SEED, number), [], again);
  }
  const { servers, clients } = rounds.reached;
  assert.ok(servers > ROUNDS && clients > ROUNDS, `${servers} and ${clients}: the fuzz has become blind`);
  assert.deepEqual(await rounds.stop(), []);
});
