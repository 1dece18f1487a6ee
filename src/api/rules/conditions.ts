import {
  byteLength,
  duplicate,
  invalid,
  notSupported,
  type Path,
  regexMessage,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import { checkLabelName } from './label-selector.ts';
import type { Check, Loose, RuleContext } from './rule.ts';

const reasonFormat = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonMessage = regexMessage(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  reasonFormat,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
);
const reasonPattern = new RegExp(`^${reasonFormat}$`);
const maxReasonBytes = 1024;
const maxMessageBytes = 32 * 1024;

/** A list of `metav1.Condition`, each type once. */
export const checkConditions: Check = (conditions, path, context) => {
  const types: string[] = (conditions ?? []).map(({ type = '' }: Loose) => type);
  types.forEach((type, i) => {
    const at = path.index(i);
    if (types.indexOf(type) !== i) context.errors.push(duplicate(at.child('type'), type));
    checkCondition(conditions[i], at, context);
  });
};

function checkCondition(condition: Loose, path: Path, context: RuleContext): void {
  const { status = '', observedGeneration = 0, reason = '', message = '' } = condition;
  const { errors } = context;
  checkLabelName(condition.type, path.child('type'), context);
  const statuses = ['False', 'True', 'Unknown'];
  if (!statuses.includes(status)) errors.push(notSupported(path.child('status'), status, statuses));
  if (observedGeneration < 0) {
    const detail = 'must be greater than or equal to zero';
    errors.push(invalid(path.child('observedGeneration'), observedGeneration, detail));
  }
  if (!condition.lastTransitionTime) errors.push(requiredError(path.child('lastTransitionTime')));
  if (reason === '') errors.push(requiredError(path.child('reason')));
  else if (!reasonPattern.test(reason)) errors.push(invalid(path.child('reason'), reason, reasonMessage));
  if (byteLength(reason) > maxReasonBytes) errors.push(tooLong(path.child('reason'), maxReasonBytes));
  if (byteLength(message) > maxMessageBytes) errors.push(tooLong(path.child('message'), maxMessageBytes));
}
