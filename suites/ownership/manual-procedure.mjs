// The procedure of stock requests by which people decide conflicts by hand, with a walk of its own over plain JSON.
import { isStatusError } from 'nekube/apimachinery';

const HELPER = 'helper';

/**
 * Applies a configuration by hand.
 *
 * @param decisions by the paths of conflicts, as messages print them; what is not there fails
 * @returns `{outcome: 'applied'}` or, with the causes that fail, `{outcome: 'refused'}`
 */
export async function byHand(client, configuration, fieldManager, decisions) {
  const causes = await conflictsOf(client, configuration, fieldManager);
  if (causes.length === 0) {
    await client.apply(configuration, { fieldManager });
    return { outcome: 'applied' };
  }
  const failing = causes.filter(({ field }) => (decisions.get(field) ?? 'fail') === 'fail');
  if (failing.length > 0) return { outcome: 'refused', causes: failing };
  const { apiVersion, kind, metadata } = configuration;
  const live = await client.get({ apiVersion, kind }, metadata);
  const edited = structuredClone(configuration);
  for (const [field, decision] of decisions) {
    if (decision === 'share') share(edited, stepsOf(field), live);
    if (decision === 'yield') remove(edited, stepsOf(field));
  }
  const forced = [...decisions].filter(([, decision]) => decision === 'force').map(([field]) => stepsOf(field));
  const name = { name: metadata.name, namespace: metadata.namespace };
  if (forced.length > 0) {
    const subset = { apiVersion, kind, metadata: { ...name } };
    for (const steps of forced) copy(configuration, subset, steps);
    await client.apply(subset, { fieldManager: HELPER, force: true });
  }
  await applyBesideHelper(client, edited, fieldManager);
  if (forced.length > 0) await client.apply({ apiVersion, kind, metadata: name }, { fieldManager: HELPER });
  return { outcome: 'applied' };
}

/**
 * What the helper has forced may have vanished or become another text (an empty map, `1000m`), so that not even the very
 * same value agrees with it; a conflict with the helper alone is no conflict with anybody.
 */
async function applyBesideHelper(client, configuration, fieldManager) {
  try {
    await client.apply(configuration, { fieldManager });
  } catch (error) {
    const causes = (isStatusError(error, 'Conflict') && error.status.details?.causes) || [];
    if (causes.length === 0 || causes.some(({ message }) => message !== `conflict with "${HELPER}"`)) throw error;
    await client.apply(configuration, { fieldManager, force: true });
  }
}

async function conflictsOf(client, configuration, fieldManager) {
  try {
    await client.apply(configuration, { fieldManager, dryRun: true });
    return [];
  } catch (error) {
    if (!isStatusError(error, 'Conflict')) throw error;
    return error.status.details.causes;
  }
}

/** What key fields are that an item may leave out. */
const DEFAULTS = { protocol: 'TCP', zone: 'a' };

/** A path of a message in steps: names, and for items the fields of their keys. Names with dots are known beforehand. */
function stepsOf(text) {
  const steps = [];
  let rest = text;
  while (rest !== '') {
    const match = /^\.(test\/a|test\.b|[^.[]+)|^\[(=?)([^\]]*)\]/.exec(rest);
    if (match[1] !== undefined) steps.push(match[1]);
    else if (match[2] === '=') steps.push({ value: JSON.parse(match[3]) });
    else steps.push({ key: Object.fromEntries(match[3].split(',').map((part) => keyField(part))) });
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function keyField(part) {
  const at = part.indexOf('=');
  return [part.slice(0, at), JSON.parse(part.slice(at + 1))];
}

function placeIn(value, step) {
  if (typeof step === 'string') return value !== undefined && step in value ? step : undefined;
  const found = (value ?? []).findIndex((item) =>
    'value' in step
      ? item === step.value
      : Object.entries(step.key).every(([name, wanted]) => (item[name] ?? DEFAULTS[name]) === wanted),
  );
  return found < 0 ? undefined : found;
}

function at(value, steps) {
  for (const step of steps) {
    const place = placeIn(value, step);
    if (place === undefined) return undefined;
    value = value[place];
  }
  return value;
}

function remove(value, [step, ...rest]) {
  const place = placeIn(value, step);
  if (place === undefined) return;
  const below = value[place];
  if (rest.length > 0) remove(below, rest);
  if (rest.length > 0 && Object.keys(below).length > 0) return;
  if (Array.isArray(value)) value.splice(place, 1);
  else delete value[place];
}

function share(value, steps, live) {
  const shared = at(live, steps);
  if (shared === undefined) return remove(value, steps);
  const parent = at(value, steps.slice(0, -1));
  parent[placeIn(parent, steps.at(-1))] = shared;
}

/** Copies what is at a path, with the keys of the items on the way. */
function copy(from, to, [step, ...rest]) {
  const source = from[placeIn(from, step)];
  if (rest.length === 0) {
    if (Array.isArray(to)) to.push(source);
    else to[step] = source;
    return;
  }
  let target = to[placeIn(to, step)];
  if (target === undefined) {
    target = Array.isArray(source) ? [] : typeof step === 'string' ? {} : { ...step.key };
    if (Array.isArray(to)) to.push(target);
    else to[step] = target;
  }
  copy(source, target, rest);
}
