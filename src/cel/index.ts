/**
 * The Common Expression Language as Kubernetes has it: compiling with static types and cel-go's messages, estimates and
 * limits of cost, evaluation, and the libraries of functions.
 *
 * What it does not do: it knows no kind of object and no request; schemas, variables and an authorizer are handed in.
 * Nothing is thrown for a wrong expression or a failed evaluation: both are values.
 */
export * from './value.ts';
export * from './type.ts';
export * from './function.ts';
export * from './cost-range.ts';
