// Variables in the steps of a scenario, and paths into answers.

/** `value` with every `{{name}}` in its strings and keys replaced; an unknown name stays as it is. */
export function fill(value, vars) {
  if (typeof value === 'string')
    return value.replace(/\{\{(\w+)\}\}/g, (whole, name) => (name in vars ? String(vars[name]) : whole));
  if (Array.isArray(value)) return value.map((item) => fill(item, vars));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [fill(key, vars), fill(item, vars)]));
}

/** The steps of a path such as `spec.ports[0].name`, `items[metadata.name=a]`, `data.a\.b`. */
function stepsOf(path) {
  return path.match(/(?:\\.|[^.[\]])+|\[[^\]]*\]/g) ?? [];
}

/** What stands at `path` in `object`; undefined when it is not there. */
export function get(object, path) {
  return stepsOf(path).reduce((at, step) => (at === undefined || at === null ? undefined : stepInto(at, step)), object);
}

function stepInto(at, step) {
  if (!step.startsWith('[')) return at[step.replace(/\\(.)/g, '$1')];
  const inner = step.slice(1, -1);
  if (inner === '*') return Array.isArray(at) ? at : undefined;
  if (!inner.includes('=')) return at[Number(inner)];
  return Array.isArray(at) ? at.find((item) => matches(item, inner)) : undefined;
}

/** True when `item` fits a condition `path=text`. */
function matches(item, condition) {
  const [path, ...text] = condition.split('=');
  return String(get(item, path)) === text.join('=');
}

/** Replaces what stands at `path` by `<any>`, in place; `*` and `[*]` are every key. */
export function mask(object, path) {
  const steps = stepsOf(path);
  const walk = (at, depth) => {
    if (at === null || typeof at !== 'object') return;
    for (const key of keysAt(at, steps[depth])) {
      if (!(key in at)) continue;
      if (depth === steps.length - 1) at[key] = '<any>';
      else walk(at[key], depth + 1);
    }
  };
  walk(object, 0);
}

function keysAt(at, step) {
  if (step === '*' || step === '[*]') return Object.keys(at);
  if (!step.startsWith('[')) return [step.replace(/\\(.)/g, '$1')];
  const inner = step.slice(1, -1);
  return inner.includes('=') ? Object.keys(at).filter((key) => matches(at[key], inner)) : [inner];
}

/** The types of the leaves in place of their values. */
export function shapeOf(value) {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object') return `<${typeof value}>`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
}

/** The differences between a recorded and a given answer, one line each: `path: want … / got …`. */
export function diff(want, got, path = '') {
  if (want === got) return [];
  const nested = want && got && typeof want === 'object' && typeof got === 'object';
  if (!nested || Array.isArray(want) !== Array.isArray(got))
    return [`${path}: want ${short(want)} / got ${short(got)}`];
  if (Array.isArray(want)) {
    return Array.from({ length: Math.max(want.length, got.length) }, (_, i) =>
      diff(want[i], got[i], `${path}[${i}]`),
    ).flat();
  }
  const keys = new Set([...Object.keys(want), ...Object.keys(got)]);
  return [...keys].flatMap((key) => diff(want[key], got[key], path ? `${path}.${key}` : key));
}

function short(value) {
  const text = value === undefined ? '(absent)' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
