import { type FieldError, notSupported, Path, required as requiredError } from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import type { Loose } from '../rule.ts';

const TARGET = Path.of('target');

/** The defects of a Binding, which says on which node a pod runs; its metadata is not looked at. */
function validateBinding({ target = {} }: Loose): FieldError[] {
  const { kind = '', name = '' } = target;
  const errors: FieldError[] = [];
  if (kind !== '' && kind !== 'Node') errors.push(notSupported(TARGET.child('kind'), kind, ['Node', '<empty>']));
  if (name === '') errors.push(requiredError(TARGET.child('name')));
  return errors;
}

/** The rules of bindings. */
export const bindingRules: ResourceRules = { validate: validateBinding };
