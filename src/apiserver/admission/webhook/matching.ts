import type { PluginDeps } from '../plugin-deps.ts';
import { namespacesOf } from '../match/selectors.ts';
import { type CompiledConditions, compileConditions, conditionsHold, ExpressionCompiler } from '../policy/compiler.ts';
import { evaluationOf } from '../policy/evaluation.ts';
import type { Webhook } from './configurations.ts';
import type { Conditions, Matching } from './invocation.ts';

/** What decides whether a webhook is asked, from what plugins look things up with. */
export function matchingOf(deps: PluginDeps): Matching {
  return { namespaces: namespacesOf(deps), resources: deps.resources, conditions: conditionsOf(deps) };
}

function conditionsOf(deps: PluginDeps): Conditions {
  const compiled = new WeakMap<Webhook, CompiledConditions>();
  // what a namespace is does not matter here: conditions do not see it
  const namespaces = async () => undefined;
  return async ({ webhook }, attributes, invocation, versions) => {
    let conditions = compiled.get(webhook);
    if (conditions === undefined) compiled.set(webhook, (conditions = compile(webhook)));
    const evaluation = await evaluationOf(deps, { attributes, invocation, versions, namespaces });
    const { hold, error } = await evaluation.run((values) => conditionsHold(conditions, values));
    if (error !== undefined) throw new Error(error);
    return hold;
  };
}

function compile({ matchConditions = [], failurePolicy }: Webhook): CompiledConditions {
  const compiler = new ExpressionCompiler({ variables: false });
  return compileConditions(compiler, matchConditions, false, failurePolicy);
}
