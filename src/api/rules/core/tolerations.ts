import {
  type FieldError,
  forbidden,
  invalid,
  isDecimalInteger,
  isValidLabelValue,
  jsonEqual,
  notSupported,
  type Path,
} from 'nekube/apimachinery';
import { duplicateGo } from '../go-struct.ts';
import { checkLabelName } from '../label-selector.ts';
import { type Check, each, type Loose, oneOf, present, type RuleContext, requiredAnd } from '../rule.ts';
import type { PodCheckOptions } from './pod-options.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** The taints that a pod tolerates. */
export function checkTolerations(options: PodCheckOptions): Check {
  return each((toleration, path, context) => {
    const { key = '', operator = '', effect = '' } = toleration;
    const { errors } = context;
    if (key !== '') checkLabelName(key, path.child('key'), context);
    if (key === '' && operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalid(path.child('operator'), operator, detail));
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(invalid(path.child('effect'), effect, detail));
    }
    checkOperator(toleration, path, options, errors);
    present(oneOf(...EFFECTS))(effect, path.child('effect'), context);
  });
}

function checkOperator(toleration: Loose, path: Path, options: PodCheckOptions, errors: FieldError[]): void {
  const { operator = '', value = '' } = toleration;
  const at = path.child('operator');
  if (operator === 'Equal' || operator === '') {
    const messages = isValidLabelValue(value);
    if (messages.length > 0) errors.push(invalid(at, value, messages.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(at, value, "value must be empty when `operator` is 'Exists'"));
  } else if (operator !== 'Lt' && operator !== 'Gt') errors.push(notSupported(at, operator, ['Equal', 'Exists']));
  else if (!options.allowTaintTolerationComparisonOperators) {
    errors.push(notSupported(at, operator, ['Equal', 'Exists', 'Lt', 'Gt']));
  } else for (const message of isDecimalInteger(value)) errors.push(invalid(path.child('value'), value, message));
}

/** Tolerations may be added to a pod; of those it has, only the seconds may change. */
export function checkOnlyAddedTolerations(old: Loose[] = [], options: PodCheckOptions): Check {
  const withoutSeconds = ({ tolerationSeconds: _, ...rest }: Loose) => rest;
  return (tolerations = [], path, context) => {
    const kept = tolerations.map(withoutSeconds);
    if (old.every((o) => kept.some((k: Loose) => jsonEqual(k, withoutSeconds(o))))) {
      checkTolerations(options)(tolerations, path, context);
      return;
    }
    context.errors.push(forbidden(path, 'existing toleration can not be modified except its tolerationSeconds'));
  };
}

/** The taints of a node; each key once an effect. */
export const checkTaints: Check = (taints, path, context) => {
  const seen = new Set<string>();
  (taints ?? []).forEach((taint: Loose, i: number) => checkTaint(taint, path.index(i), seen, context));
};

function checkTaint(taint: Loose, path: Path, seen: Set<string>, context: RuleContext): void {
  const { key = '', value = '', effect = '' } = taint;
  checkLabelName(key, path.child('key'), context);
  const messages = isValidLabelValue(value);
  if (messages.length > 0) context.errors.push(invalid(path.child('value'), value, messages.join(';')));
  requiredAnd('', oneOf(...EFFECTS))(effect, path.child('effect'), context);
  const pair = `${effect}/${key}`;
  if (seen.has(pair)) {
    context.errors.push(duplicateGo(path, 'Taint', taint, 'taints must be unique by key and effect pair'));
  }
  seen.add(pair);
}
