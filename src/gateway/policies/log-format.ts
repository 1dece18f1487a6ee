import {
  OPERATORS_OF_SOMETHING,
  OPERATORS_WITH_A_FORM,
  OPERATORS_WITH_A_LENGTH,
  PLAIN_OPERATORS,
} from './log-operators.ts';

type Shape = 'plain' | 'argument' | 'form' | 'length';

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ...PLAIN_OPERATORS.map((name) => [name, 'plain'] as const),
  ...OPERATORS_OF_SOMETHING.map((name) => [name, 'argument'] as const),
  ...OPERATORS_WITH_A_FORM.map((name) => [name, 'form'] as const),
  ...OPERATORS_WITH_A_LENGTH.map((name) => [name, 'length'] as const),
]);
/** As Envoy reads one. */
const OPERATOR = /%([A-Z0-9_]+)(?:\((.*?)\))?(?::([0-9]+))?%/sy;

/** What is wrong with the format of a line of an access log; undefined: nothing. */
export function formatProblem(text: string): string | undefined {
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', at)) {
    if (text[at + 1] === '%') {
      at += 2;
      continue;
    }
    OPERATOR.lastIndex = at;
    const found = OPERATOR.exec(text);
    if (found === null) return `the % at character ${at + 1} must begin an operator, as %PROTOCOL%, or be doubled`;
    const problem = operatorProblem(found);
    if (problem !== undefined) return problem;
    at += found[0].length;
  }
  return undefined;
}

function operatorProblem([whole, name = '', argument, length]: RegExpExecArray): string | undefined {
  const shape = SHAPES.get(name);
  if (shape === undefined) return `${whole} is no operator that is known`;
  if (shape === 'argument') {
    if (argument === undefined || argument === '') return `${whole} must say what is meant, as in %${name}(X)%`;
    return undefined;
  }
  if (argument !== undefined && shape !== 'form') return `${whole} must have nothing in parentheses`;
  return length !== undefined && shape !== 'length' ? `${whole} must have no length` : undefined;
}
