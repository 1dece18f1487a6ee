import { duplicate, required as requiredError } from 'nekube/apimachinery';
import { type Check, fields, type Loose } from '../rule.ts';

const checkConditions: Check = (conditions, path, { errors }) => {
  const types: string[] = (conditions ?? []).map(({ type = '' }: Loose) => type);
  types.forEach((type, i) => {
    const at = path.index(i).child('type');
    if (types.indexOf(type) !== i) errors.push(duplicate(at, type));
    if (type === '') errors.push(requiredError(at));
  });
};

/** Conditions of a status: each type once. */
export const checkStatus = fields({ status: fields({ conditions: checkConditions }) });
