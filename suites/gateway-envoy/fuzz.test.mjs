// Random resources that a cluster admits never make the translation throw, nor Envoy refuse anything or die. More of them:
// npm run fuzz -- gateway.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../dist/files/index.js';
import { Rounds } from '../../tools/fuzz/gateway/rounds.mjs';
import { envoy, skip } from './world.mjs';

const SEED = 20_261_129;
const ROUNDS = 20;

test(`Envoy takes what becomes of random resources (seed ${SEED})`, { skip, timeout: 180_000 }, async (t) => {
  const folder = makeTemporaryFolder('nekube-gateway-fuzz');
  const rounds = await Rounds.start({ envoy, folder });
  t.after(async () => {
    await rounds.stop();
    removeTemporaryFolder(folder);
  });
  for (let number = 0; number < ROUNDS; number++) {
    const { findings } = await rounds.run(SEED, number);
    const told = findings.map(({ what, object, objects }) => `${what}\n${JSON.stringify(object ?? objects)}`);
    assert.deepEqual(told, [], `round ${number}; again: npm run fuzz -- gateway --seed ${SEED} --round ${number}`);
  }
  for (const [kind, admitted] of rounds.admission.admitted) {
    const refused = rounds.admission.refused.get(kind) ?? 0;
    assert.ok(
      admitted > refused,
      `of ${kind}s ${admitted} were admitted and ${refused} not: the fuzz has become blind`,
    );
  }
});
