// What clients get wrong: `mistake(random, object)` gives the object with one defect.

const BAD_LEAVES = [
  '',
  'Bad Value!',
  -1,
  0,
  99999999999,
  1.5,
  true,
  null,
  [],
  {},
  'x'.repeat(300),
  '1Gi',
  '-',
  '25%',
  65536,
];

/** A copy of the object with one random defect. */
export function mistake(random, object) {
  const copy = structuredClone(object);
  const spot = random.pick(spotsOf(copy));
  if (spot !== undefined) random.pick([spoil, spoil, drop, add, repeat])(random, spot);
  return copy;
}

/** Every member and element, with what holds it. */
function spotsOf(value) {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [{ holder: value, key }, ...spotsOf(value[key])]);
}

function spoil(random, { holder, key }) {
  holder[key] = random.pick(BAD_LEAVES);
}

function drop(_random, { holder, key }) {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function add(random, { holder }) {
  if (Array.isArray(holder)) holder.push(random.pick([...BAD_LEAVES, structuredClone(holder[0])]));
  else holder[random.pick(['unknown', 'nope'])] = random.pick(['x', 1, { a: 1 }]);
}

function repeat(_random, { holder, key }) {
  if (Array.isArray(holder)) holder.push(structuredClone(holder[key]));
}
