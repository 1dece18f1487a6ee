import { duplicate, isQualifiedName, required as requiredError, tooMany } from 'nekube/apimachinery';
import { expressionErrors, type PolicyExpressions } from './expressions.ts';
import { type Check, fields, type Loose, matches, requiredAnd } from '../rule.ts';

const most = 64;

/** An expression that is more than white space, and compiles; it is shown without the white space around it. */
export function checkExpression(problem: (expression: string) => string | undefined): Check {
  return (text, path, { errors }) => {
    const expression = (text ?? '').trim();
    if (expression === '') errors.push(requiredError(path));
    else errors.push(...expressionErrors(path, expression, problem(expression)));
  };
}

/**
 * Conditions that a request must meet, each with a name of its own.
 *
 * @param params whether they may use the parameters of a policy
 */
export function checkMatchConditions(expressions: PolicyExpressions, params: boolean): Check {
  const compiler = expressions.compiler(false);
  const checkMatchCondition = fields({
    expression: checkExpression((expression) => compiler.problem('condition', expression, params)),
    name: requiredAnd('', matches(isQualifiedName)),
  });
  return (conditions, path, context) => {
    const list: Loose[] = conditions ?? [];
    if (list.length > most) context.errors.push(tooMany(path, list.length, most));
    list.forEach((condition, i) => {
      const at = path.index(i);
      checkMatchCondition(condition, at, context);
      const first = list.findIndex(({ name }) => name === condition.name);
      if (condition.name && first !== i) context.errors.push(duplicate(at.child('name'), condition.name));
    });
  };
}
