// Plays one behaviour in a namespace of its own.
import { World } from './world.mjs';

/** What a behaviour observes at a level, without what varies from run to run. */
export async function observe(place, { steps }) {
  const world = await World.open(place);
  try {
    await world.play(steps);
    // as a recording gives it back, in which nothing is undefined
    return JSON.parse(JSON.stringify(world.observations()));
  } finally {
    await world.close();
  }
}
