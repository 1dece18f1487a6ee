import type { Tracing } from '../model/index.ts';
import { no, type Verdict, yes } from '../statuses/index.ts';
import { resolveBackend, type ResolvedBackend } from './backends.ts';
import type { View } from './cluster.ts';
import { byAge } from './gateway-plans.ts';
import { readOr } from './malformed.ts';
import type { TelemetryAttribute, XTelemetryPolicy } from './resources.ts';
import { keyOf } from './snapshot.ts';

/** What an XTelemetryPolicy says of the requests of a Gateway. */
export interface Telemetry {
  /** Spans where nothing else says so; `Disabled`: none, whoever says so. */
  readonly tracing: Tracing | 'Disabled';
  readonly backends: readonly ResolvedBackend[];
}

/** What became of a policy. */
export interface TelemetryVerdicts {
  readonly accepted: Verdict;
  readonly resolved: Verdict;
}

const ACCEPTED = yes('Accepted', 'the policy is valid');
const RESOLVED = yes('ResolvedRefs', 'all references are resolved');

/** What counts for a Gateway; undefined: it is as without a policy. */
export function telemetryOf(view: View, gateway: string): Telemetry | undefined {
  const winner = winnerFor(view, gateway);
  if (winner === undefined) return undefined;
  const read = readOr(
    () => readPolicy(view, winner),
    () => undefined,
  );
  return read?.telemetry;
}

/** What a policy is for a Gateway. */
export function judgeTelemetry(view: View, policy: XTelemetryPolicy, gateway: string): TelemetryVerdicts {
  const { accepted, resolved } = readPolicy(view, policy);
  const winner = winnerFor(view, gateway);
  if (accepted.status === 'False' || winner === undefined || winner === policy) return { accepted, resolved };
  const message = `Gateway ${gateway} has XTelemetryPolicy ${keyOf(winner)}, which is older: delete one`;
  return { accepted: no('Conflicted', message), resolved };
}

function winnerFor(view: View, gateway: string): XTelemetryPolicy | undefined {
  return [...view.telemetryOf(gateway)].sort(byAge)[0];
}

function readPolicy(view: View, policy: XTelemetryPolicy): TelemetryVerdicts & { readonly telemetry?: Telemetry } {
  const { mode = 'ImplementationDefault', provider, ...tracing } = policy.spec?.tracing ?? {};
  if (mode === 'ImplementationDefault') return { accepted: ACCEPTED, resolved: RESOLVED };
  if (mode === 'Disabled')
    return { accepted: ACCEPTED, resolved: RESOLVED, telemetry: { tracing: 'Disabled', backends: [] } };
  if (mode !== 'Enabled') return refused(`mode ${mode} is not known: use Enabled or Disabled`);
  if (provider?.backendRef === undefined) return refused('provider.backendRef must say where spans go');
  const sampling = percentOf(tracing.samplingRate);
  if (typeof sampling === 'string') return refused(`samplingRate ${sampling}`);
  const parent = parentProblem(tracing.parentBasedSampling);
  if (parent !== undefined) return refused(`parentBasedSampling.${parent}`);
  const tags = tagsOf(tracing.attributes ?? []);
  if (typeof tags === 'string') return refused(tags);
  const { namespace = '', name } = policy.metadata;
  const from = { group: 'gateway.networking.x-k8s.io', kind: 'XTelemetryPolicy', namespace };
  const to = resolveBackend(view, { ...from, speech: 'GRPC', appliesTls: true, levels: [] }, provider.backendRef);
  if (!('backend' in to)) return { accepted: ACCEPTED, resolved: no(to.reason, `tracing.provider: ${to.message}`) };
  const headers = provider.headers ?? [];
  const made: Tracing = {
    provider: {
      type: 'OpenTelemetry',
      backend: to.backend.name,
      serviceName: tracing.serviceName ?? `${namespace}/${name}`,
      ...(headers.length === 0 ? {} : { headers: headers.map((one) => ({ name: one.name, value: one.value })) }),
    },
    samplingPercent: sampling,
    ...(tracing.spanName === undefined ? {} : { spanName: tracing.spanName }),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
  };
  return { accepted: ACCEPTED, resolved: RESOLVED, telemetry: { tracing: made, backends: [to] } };
}

function refused(problem: string): TelemetryVerdicts {
  return { accepted: no('Invalid', `spec.tracing.${problem}`), resolved: RESOLVED };
}

type Fraction = { readonly numerator?: number; readonly denominator?: number };

/** All, where nothing is said. */
function percentOf({ numerator = 100, denominator = 100 }: Fraction = {}): number | string {
  const isFraction = denominator > 0 && numerator >= 0 && numerator <= denominator;
  return isFraction ? (numerator * 100) / denominator : `${numerator} of ${denominator} must be from none to all`;
}

/** Who comes with a trace is sampled as its parent is, which cannot be otherwise. */
function parentProblem({
  mode = 'ImplementationDefault',
  samplingRate,
}: NonNullable<NonNullable<XTelemetryPolicy['spec']>['tracing']>['parentBasedSampling'] = {}): string | undefined {
  if (mode === 'Disabled') return 'mode Disabled is not supported: what a parent decides is respected';
  if (percentOf(samplingRate) !== 100) return 'samplingRate is not supported but for all: leave it out';
  return undefined;
}

/** What OpenTelemetry calls it, as Envoy does. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  'client.address': '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
  'client.port': '%DOWNSTREAM_REMOTE_PORT%',
  'http.request.method': '%REQ(:METHOD)%',
  'http.response.status_code': '%RESPONSE_CODE%',
  'http.route': '%ROUTE_NAME%',
  'network.protocol.version': '%PROTOCOL%',
  'server.address': '%REQ(:AUTHORITY)%',
  'url.full': '%REQ(:SCHEME)%://%REQ(:AUTHORITY)%%REQ(:PATH)%',
  'url.path': '%REQ(:PATH)%',
  'url.scheme': '%REQ(:SCHEME)%',
  'user_agent.original': '%REQ(USER-AGENT)%',
};

/** A text is what is wrong. */
function tagsOf(attributes: readonly TelemetryAttribute[]): NonNullable<Tracing['tags']> | string {
  const tags: Record<string, NonNullable<Tracing['tags']>[string]> = {};
  for (const [index, { name, sourceType, headerName, literalValue, attributeKey = '' }] of attributes.entries()) {
    const format = ATTRIBUTES[attributeKey];
    if (sourceType === 'Header' && headerName !== undefined) tags[name] = { header: headerName };
    else if (sourceType === 'Literal' && literalValue !== undefined) tags[name] = { literal: literalValue };
    else if (sourceType === 'Attribute' && format !== undefined) tags[name] = { format };
    else if (sourceType === 'Attribute') {
      const known = Object.keys(ATTRIBUTES).join(', ');
      return `attributes[${index}].attributeKey ${attributeKey} is not known: use one of ${known}`;
    } else return `attributes[${index}] must say a header, a literal or an attribute, as its sourceType is`;
  }
  return tags;
}
