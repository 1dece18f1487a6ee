import { test } from 'node:test';
import { goldenCases } from './golden-cases.ts';
import { Dice } from './random-world.ts';
import { assertSameTranslation } from './same-translation.ts';
import { snapshotOf, SNAPSHOT_KINDS, type Snapshot, type SnapshotKind } from './snapshot.ts';
import type { Resource } from './resources.ts';
import { Translator } from './translator.ts';

const ODD: readonly unknown[] = [null, '', 'x', '*', '/', -1, 0, 65_536, true, [], {}, [null], [''], 'a'.repeat(300)];
const SEED = 20_260_101;

test(`mutated resources never make a translation throw, nor two disagree (seed ${SEED})`, () => {
  const dice = new Dice(SEED);
  const cases = goldenCases();
  for (let round = 0; round < 150; round++) {
    const { snapshot, file } = dice.of(cases);
    const objects = objectsOf(snapshot).map((object) => (dice.percent(30) ? mutated(object, dice) : object));
    const options = { supportedFeatures: snapshot.supportedFeatures };
    const translator = new Translator();
    try {
      translator.translate(snapshot);
      const after = translator.translate(snapshotOf(objects, options));
      assertSameTranslation(after, new Translator().translate(snapshotOf(objects, options)));
    } catch (cause) {
      throw new Error(
        `${file}, round ${round} of seed ${SEED}: ${JSON.stringify(objects.filter((o) => o.kind !== 'Secret'))}`,
        { cause },
      );
    }
  }
});

function objectsOf(snapshot: Snapshot): Resource[] {
  return (Object.keys(SNAPSHOT_KINDS) as SnapshotKind[]).flatMap((part) => [...snapshot[part].values()]);
}

/** A copy with something odd in one to three places, but for kind and metadata. */
function mutated(object: Resource, dice: Dice): Resource {
  const copy = structuredClone(object) as Resource & Record<string, unknown>;
  for (let count = 1 + dice.below(3); count > 0; count--) mutate(copy, dice, 0);
  return copy;
}

function mutate(value: Record<string, unknown>, dice: Dice, depth: number): void {
  const keys = Object.keys(value).filter(
    (key) => depth > 0 || (key !== 'kind' && key !== 'apiVersion' && key !== 'metadata'),
  );
  if (keys.length === 0) return;
  const key = dice.of(keys);
  const child = value[key];
  if (typeof child === 'object' && child !== null && dice.percent(85))
    return mutate(child as Record<string, unknown>, dice, depth + 1);
  if (!dice.percent(20)) value[key] = dice.of(ODD);
  else if (Array.isArray(value)) value.splice(Number(key), 1);
  else delete value[key];
}
