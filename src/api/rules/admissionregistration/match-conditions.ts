import { duplicate, isQualifiedName, required as requiredError, tooMany } from 'nekube/apimachinery';
import { type Check, fields, type Loose, matches, requiredAnd } from '../rule.ts';

const most = 64;

/** An expression that is more than white space. */
export const checkExpression: Check = (text, path, { errors }) => {
  if ((text ?? '').trim() === '') errors.push(requiredError(path));
};

const checkMatchCondition = fields({ expression: checkExpression, name: requiredAnd('', matches(isQualifiedName)) });

/** Conditions that a request must meet, each with a name of its own. */
export const checkMatchConditions: Check = (conditions, path, context) => {
  const list: Loose[] = conditions ?? [];
  if (list.length > most) context.errors.push(tooMany(path, list.length, most));
  list.forEach((condition, i) => {
    const at = path.index(i);
    checkMatchCondition(condition, at, context);
    const first = list.findIndex(({ name }) => name === condition.name);
    if (condition.name && first !== i) context.errors.push(duplicate(at.child('name'), condition.name));
  });
};
