import type { Secret, Source, StreamForward, WeightedBackend } from '../model/index.ts';
import { type BackendProblem, type ResolvedBackend, resolveBackend, type Speech } from './backends.ts';
import type { Level } from '../policies/index.ts';
import { ruleLevels } from './applied-policies.ts';
import { isWeight } from './checks.ts';
import type { View } from './cluster.ts';
import type { Dropped } from './http-rules.ts';
import { GATEWAY_GROUP } from './listeners.ts';
import type { StreamRoute } from './resources.ts';

/** Routes of connections or datagrams. */
export type StreamKind = 'TLSRoute' | 'TCPRoute' | 'UDPRoute';

/** What a route of this kind does with connections. */
export interface TranslatedStream {
  readonly stream?: StreamForward;
  readonly backends: readonly ResolvedBackend[];
  readonly policyTargets: readonly NonNullable<BackendProblem['policyTarget']>[];
  readonly dropped: readonly Dropped[];
  readonly unresolved: readonly BackendProblem[];
}

const SPEECH: Readonly<Record<StreamKind, Speech>> = { TLSRoute: 'TLS', TCPRoute: 'TCP', UDPRoute: 'UDP' };

/** Translates the rule of a route; there is nothing to choose by, so the first counts. */
export function translateStream(
  view: View,
  kind: StreamKind,
  { metadata, spec }: StreamRoute,
  context: { readonly terminatesTls: boolean; readonly clientCertificate?: Secret; readonly levels: readonly Level[] },
): TranslatedStream {
  const namespace = metadata.namespace ?? '';
  const rules = spec?.rules ?? [];
  const dropped = rules.slice(1).map((_, index) => ({
    rule: index + 1,
    reason: 'UnsupportedValue' as const,
    message: `rules[${index + 1}]: a ${kind} has nothing to choose another rule by`,
  }));
  const backends: ResolvedBackend[] = [];
  const unresolved: BackendProblem[] = [];
  const policyTargets: NonNullable<BackendProblem['policyTarget']>[] = [];
  const [rule] = rules;
  if (rule === undefined) return { backends, policyTargets, dropped, unresolved };
  const source: Source = {
    kind,
    namespace,
    name: metadata.name,
    ...(rule.name === undefined ? {} : { sectionName: rule.name }),
    rule: 0,
  };
  const { terminatesTls, clientCertificate } = context;
  const from = {
    group: GATEWAY_GROUP,
    kind,
    namespace,
    speech: SPEECH[kind],
    appliesTls: terminatesTls,
    levels: [...ruleLevels(kind, namespace, metadata.name, rule.name), ...context.levels],
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
  };
  const weighted = (rule.backendRefs ?? []).map((ref, index): WeightedBackend => {
    const resolved = resolveBackend(view, from, ref);
    const weight = isWeight(ref.weight) ? ref.weight : 1;
    if (resolved.policyTarget !== undefined) policyTargets.push(resolved.policyTarget);
    if ('backend' in resolved) {
      backends.push(resolved);
      return { weight, backend: resolved.backend.name, source };
    }
    unresolved.push({ ...resolved, message: `rules[0].backendRefs[${index}]: ${resolved.message}` });
    return { weight, invalid: resolved.message, source };
  });
  const stream = { name: `${kind.toLowerCase()}/${namespace}/${metadata.name}/rule/0`, source, backends: weighted };
  return { stream, backends, policyTargets, dropped, unresolved };
}
