import { type FieldError, invalid, type Path } from 'nekube/apimachinery';

/** What an expression of a policy or a webhook is for: what it may use, and what it must give. */
export type ExpressionUse = 'condition' | 'message' | 'annotation' | 'applyConfiguration' | 'jsonPatch';

/** Compiles the expressions of one policy, which may build on each other by its variables. */
export interface PolicyCompiler {
  /** What is wrong with an expression; undefined if it compiles. `params`: the policy has parameters. */
  problem(use: ExpressionUse, expression: string, params: boolean): string | undefined;
  /** The same for a variable, which the expressions after it can use then. */
  define(name: string, expression: string, params: boolean): string | undefined;
}

/** What compiles expressions. It is handed in, since this room knows no expressions. */
export interface PolicyExpressions {
  /** @param variables whether the policy has some; without them there is no such name */
  compiler(variables: boolean): PolicyCompiler;
}

/** Takes every expression as it is. */
export const uncompiled: PolicyExpressions = {
  compiler: () => ({ problem: () => undefined, define: () => undefined }),
};

/** An expression that does not compile. */
export function expressionErrors(path: Path, expression: string, problem: string | undefined): FieldError[] {
  return problem === undefined ? [] : [invalid(path, expression, problem)];
}
