import { compileRegexp } from 'nekube/apimachinery';

/**
 * What is wrong with an expression, which is RE2's; undefined: nothing. Data planes look at bytes, so a character beyond them has no
 * number, but stands as it is.
 */
export function expressionProblem(expression: string): string | undefined {
  const beyond = /\\x\{0*[1-9A-Fa-f][0-9A-Fa-f]{2,}\}/.exec(expression)?.[0];
  if (beyond !== undefined) return `${beyond} must stand as the character itself`;
  try {
    compileRegexp(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * An expression of RE2 that may stand in another one, or have something behind it: with an end for a quotation (`\Q`) that has none,
 * which would quote what comes behind it, too. It means the same.
 */
export function closedExpression(expression: string): string {
  let at = 0;
  for (;;) {
    const escape = expression.indexOf('\\', at);
    if (escape === -1) return expression;
    at = escape + 2;
    if (expression[escape + 1] !== 'Q') continue;
    const end = expression.indexOf('\\E', at);
    if (end === -1) return `${expression}\\E`;
    at = end + 2;
  }
}
