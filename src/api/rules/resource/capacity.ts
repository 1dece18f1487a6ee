import {
  type FieldError,
  forbidden,
  invalid,
  type Path,
  parseQuantity,
  type Quantity,
  required as requiredError,
} from 'nekube/apimachinery';
import type { Check, Loose, RuleContext } from '../rule.ts';
import { setOf } from './lists.ts';

const mostValues = 10;

/** A capacity of a device, and how much of it a claim may ask for if several may. */
export function checkCapacity(multiple: boolean): Check {
  return ({ value, requestPolicy: policy }, path, context) => {
    if (!policy) return;
    const at = path.child('requestPolicy');
    if (!multiple) context.errors.push(forbidden(at, 'allowMultipleAllocations must be true'));
    else checkPolicy(policy, parseQuantity(value ?? '0'), at, context);
  };
}

function checkPolicy(policy: Loose, capacity: Quantity, path: Path, context: RuleContext): void {
  const values: string[] = policy.validValues ?? [];
  const range = policy.validRange ?? undefined;
  if (values.length > 0 && range !== undefined) {
    const detail =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    context.errors.push(forbidden(path, detail));
    return;
  }
  const kind = values.length > 0 ? 'validValues' : 'validRange';
  if (values.length === 0 && range === undefined) return;
  if ((policy.default ?? null) === null) {
    context.errors.push(requiredError(path.child('default'), `required when ${kind} is defined`));
  } else if (kind === 'validValues') {
    checkValues(values, parseQuantity(policy.default), capacity, path.child(kind), context);
  } else checkRange(range, parseQuantity(policy.default), capacity, path.child(kind), context.errors);
}

function checkValues(texts: string[], standard: Quantity, capacity: Quantity, path: Path, context: RuleContext): void {
  const { errors } = context;
  const values = texts.map((text) => parseQuantity(text));
  values.forEach((value, i) => {
    if (i === 0 || values[i - 1]!.cmp(value) <= 0) return;
    errors.push(invalid(path.index(i), `${value}`, 'values must be sorted in ascending order'));
  });
  const keyOf = (text: string) => `${parseQuantity(text).value()}`;
  setOf(mostValues, keyOf, (text: string, at) => {
    if (parseQuantity(text).cmp(capacity) <= 0) return;
    errors.push(invalid(at, text, `option is larger than capacity value: ${capacity}`));
  })(texts, path, context);
  if (values.some((value) => value.cmp(standard) === 0)) return;
  errors.push(invalid(path, `${standard}`, 'default value is not valid according to the requestPolicy'));
}

function checkRange(range: Loose, standard: Quantity, capacity: Quantity, path: Path, errors: FieldError[]): void {
  const quantity = (field: string) => ((range[field] ?? null) === null ? undefined : parseQuantity(range[field]));
  const [min, max, step] = [quantity('min'), quantity('max'), quantity('step')];
  if (!min) {
    errors.push(requiredError(path.child('min'), 'required when validRange is defined'));
    return;
  }
  const report = (field: string, value: Quantity, detail: string) =>
    errors.push(invalid(path.child(field), `${value}`, detail));
  if (min.cmp(capacity) > 0) report('min', min, `min is larger than capacity value: ${capacity}`);
  if (standard.cmp(min) < 0) report('min', standard, `default is less than min: ${min}`);
  if (max) {
    if (min.cmp(max) > 0) report('max', min, `min is larger than max: ${max}`);
    if (max.cmp(capacity) > 0) report('max', max, `max is larger than capacity value: ${capacity}`);
    if (standard.cmp(max) > 0) report('max', standard, `default is more than max: ${max}`);
  }
  if (!step) return;
  const first = min.add(step);
  if (first.cmp(capacity) > 0) report('step', step, `one step ${first} is larger than capacity value: ${capacity}`);
  for (const value of max ? [standard, max] : [standard]) {
    if (step.value() !== 0n && (value.value() - min.value()) % step.value() === 0n) continue;
    report('step', value, `value is not a multiple of a given step (${step}) from (${min})`);
  }
}
