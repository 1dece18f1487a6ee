// Random histories of an object: who applied, patched and scaled what, before the apply that a test is about.
import { isStatusError } from 'nekube/apimachinery';
import { kinds } from './random-objects.mjs';

/** The steps that make an object: data, so that the same can be done to several. */
export function randomHistory(random, kind) {
  const steps = [{ op: 'apply', manager: 'base', body: kinds[kind].base() }];
  const count = 1 + random.below(4);
  for (let i = 0; i < count; i++) steps.push(randomStep(random, kind));
  return steps;
}

function randomStep(random, kind) {
  const body = kinds[kind].part(random);
  if (kind === 'Deployment' && random.chance(0.15)) return { op: 'scale', manager: 'hpa', replicas: random.below(4) };
  if (random.chance(0.3)) return { op: 'patch', manager: random.pick(['editor', 'main']), body };
  return { op: 'apply', manager: random.pick(['main', 'main', 'other', 'third']), body };
}

/** The object that steps make; steps that the server refuses are left out. */
export async function play(client, kind, name, namespace, steps) {
  const type = kinds[kind].base();
  const key = { name, namespace };
  let object;
  for (const step of steps) {
    try {
      object = await playStep(client, type, key, step);
    } catch (error) {
      if (!isStatusError(error, 'Invalid')) throw error;
    }
  }
  return object;
}

async function playStep(client, type, key, step) {
  const { manager: fieldManager } = step;
  if (step.op === 'apply')
    return await client.apply(configurationOf(type, key, step.body), { fieldManager, force: true });
  if (step.op === 'patch') return await client.patch(type, key, { merge: step.body }, { fieldManager });
  const scale = { spec: { replicas: step.replicas } };
  await client.patch(type, key, { merge: scale }, { fieldManager, subresource: 'scale' });
  return await client.get(type, key);
}

/** A configuration of an object from a part that has no name yet. */
export function configurationOf({ apiVersion, kind }, { name, namespace }, part) {
  return { ...part, apiVersion, kind, metadata: { ...part.metadata, name, namespace } };
}

/** What must be equal of objects that came about in different ways: all but identity, revisions and times. */
export function essence(object) {
  const {
    uid,
    resourceVersion,
    creationTimestamp,
    generation,
    managedFields = [],
    name,
    ...metadata
  } = object.metadata;
  const owners = managedFields.map(({ time, ...entry }) => JSON.stringify(entry)).sort();
  return { ...object, metadata, owners };
}
