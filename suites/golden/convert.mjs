// The conversion webhook of a scenario: fields that have another name in each version.

/**
 * Answers a ConversionReview. A script has
 *
 * - `moves`: `[{v1: 'spec.size', v2: 'spec.count', …}]`, the path of one field by version; in a version without a path it is
 *   lost. With `each`, the field is a list, and its elements are moved within in the same way
 * - `failsFor`: a version to which and from which nothing can be converted
 */
export function convertReview({ moves, failsFor }, { apiVersion, kind, request }) {
  const { uid, desiredAPIVersion, objects } = request;
  const versions = [desiredAPIVersion, ...objects.map((object) => object.apiVersion)].map(versionOf);
  const response = versions.includes(failsFor)
    ? { uid, result: { status: 'Failure', message: `no way by ${failsFor}` } }
    : { uid, result: { status: 'Success' }, convertedObjects: objects.map((one) => convert(one, desiredAPIVersion)) };
  return { apiVersion, kind, response };

  function convert(object, apiVersion) {
    return moved({ ...object, apiVersion }, moves, versionOf(object.apiVersion), versionOf(apiVersion));
  }
}

function versionOf(apiVersion) {
  return apiVersion.split('/').at(-1);
}

function moved(object, moves, from, to) {
  const out = structuredClone(object);
  const taken = moves.map((move) => take(out, move[from]));
  moves.forEach((move, i) => {
    if (taken[i] === undefined || move[to] === undefined) return;
    put(out, move[to], move.each ? taken[i].map((element) => moved(element, move.each, from, to)) : taken[i]);
  });
  return out;
}

function take(object, path) {
  const steps = path?.split('.') ?? [];
  const last = steps.pop();
  const holder = steps.reduce((value, step) => value?.[step], object);
  const value = holder?.[last];
  if (value !== undefined) delete holder[last];
  return value;
}

function put(object, path, value) {
  const steps = path.split('.');
  const last = steps.pop();
  let holder = object;
  for (const step of steps) holder = holder[step] ??= {};
  holder[last] = value;
}
