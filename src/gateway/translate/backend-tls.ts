import type { Secret, UpstreamTls } from '../model/index.ts';
import { no, type Verdict, yes } from '../statuses/index.ts';
import { authoritiesOf } from './certificates.ts';
import type { View } from './cluster.ts';
import { byAge } from './gateway-plans.ts';
import { GATEWAY_GROUP } from './listeners.ts';
import type { BackendTLSPolicy, TlsValidation } from './resources.ts';
import { keyOf } from './snapshot.ts';

/** What a policy may be for. */
export interface PolicyTarget {
  readonly namespace: string;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** TLS to a backend, or why it cannot be. */
export type BackendTls =
  | { readonly tls: UpstreamTls; readonly secrets: readonly Secret[] }
  | { readonly problem: string };

/** What a BackendTLSPolicy asks for a port of a target; undefined where no policy is for it. */
export function backendTlsOf(view: View, target: PolicyTarget, portName: string | undefined): BackendTls | undefined {
  const policy = winnerFor(view, target, portName ?? '') ?? winnerFor(view, target, undefined);
  if (policy === undefined) return undefined;
  const made = policyTlsOf(view, policy);
  if ('tls' in made && made.accepted.status === 'True') return made as { tls: UpstreamTls; secrets: readonly Secret[] };
  return { problem: `BackendTLSPolicy ${keyOf(policy)} is not valid: ${made.accepted.message}` };
}

/** What a policy is by itself, for all gateways alike. */
export function judgePolicy(
  view: View,
  policy: BackendTLSPolicy,
): { readonly accepted: Verdict; readonly resolved: Verdict } {
  const made = policyTlsOf(view, policy);
  const { resolved } = made;
  for (const { group = '', kind = 'Service', name, sectionName } of policy.spec?.targetRefs ?? []) {
    const target = { namespace: policy.metadata.namespace ?? '', group, kind, name };
    if (sectionName !== undefined && !hasPort(view, target, sectionName)) {
      return {
        accepted: no('TargetNotFound', `${kind} ${target.namespace}/${name} has no port named ${sectionName}`),
        resolved,
      };
    }
    const winner = winnerFor(view, target, sectionName);
    if (winner !== undefined && winner !== policy) {
      const what = sectionName === undefined ? `${kind} ${name}` : `port ${sectionName} of ${kind} ${name}`;
      return {
        accepted: no(
          'Conflicted',
          `${what} has its TLS from BackendTLSPolicy ${keyOf(winner)}, which is older: delete one`,
        ),
        resolved,
      };
    }
  }
  return { accepted: made.accepted, resolved };
}

/** The oldest policy for exactly this port, or for the whole target. */
function winnerFor(view: View, target: PolicyTarget, sectionName: string | undefined): BackendTLSPolicy | undefined {
  const { namespace, group, kind, name } = target;
  const isMeant = (ref: NonNullable<NonNullable<BackendTLSPolicy['spec']>['targetRefs']>[number]): boolean =>
    (ref.group ?? '') === group && ref.kind === kind && ref.name === name && ref.sectionName === sectionName;
  let winner: BackendTLSPolicy | undefined;
  for (const policy of view.policiesOf(namespace, group, kind, name)) {
    if (policy.spec?.targetRefs?.some(isMeant) !== true) continue;
    if (winner === undefined || byAge(policy, winner) < 0) winner = policy;
  }
  return winner;
}

function hasPort(view: View, { namespace, group, kind, name }: PolicyTarget, port: string): boolean {
  if (group !== '' || kind !== 'Service') return true;
  return view.service(namespace, name)?.spec?.ports?.some((one) => one.name === port) ?? false;
}

/** Options of other controllers are theirs; there is none of ours. */
function policyTlsOf(view: View, { metadata, spec }: BackendTLSPolicy): MadeTls {
  const made = upstreamTlsOf(view, metadata.namespace ?? '', spec?.validation, 'BackendTLSPolicy');
  const own = Object.keys(spec?.options ?? {}).find((key) => key.startsWith('gateway.nekube.dev/'));
  if (own === undefined) return made;
  return { accepted: no('Invalid', `options[${own}] is not known: leave it out`), resolved: made.resolved };
}

interface MadeTls {
  readonly tls?: UpstreamTls;
  readonly secrets?: readonly Secret[];
  readonly accepted: Verdict;
  readonly resolved: Verdict;
}

const ACCEPTED = yes('Accepted', 'the policy is valid');
const RESOLVED = yes('ResolvedRefs', 'all references are resolved');

/** TLS to a backend by what a policy or XBackend says of it. */
export function upstreamTlsOf(
  view: View,
  namespace: string,
  validation: TlsValidation | undefined,
  kind: string,
): MadeTls {
  const hostname = validation?.hostname;
  if (hostname === undefined || hostname === '') {
    return { accepted: no('Invalid', 'validation.hostname must say the name in the certificate'), resolved: RESOLVED };
  }
  const names = validation?.subjectAltNames?.map((san) =>
    san.type === 'URI'
      ? { type: 'URI' as const, value: san.uri ?? '' }
      : { type: 'Hostname' as const, value: san.hostname ?? '' },
  );
  const base = { hostname, ...(names === undefined || names.length === 0 ? {} : { subjectAltNames: names }) };
  const wellKnown = validation?.wellKnownCACertificates ?? '';
  if (wellKnown === 'System')
    return { tls: { ...base, ca: 'System' }, secrets: [], accepted: ACCEPTED, resolved: RESOLVED };
  if (wellKnown !== '') {
    return {
      accepted: no('Invalid', `validation.wellKnownCACertificates ${wellKnown} is not known: use System`),
      resolved: RESOLVED,
    };
  }
  return withAuthorities(view, { group: GATEWAY_GROUP, kind, namespace }, base, validation);
}

function withAuthorities(
  view: View,
  from: { readonly group: string; readonly kind: string; readonly namespace: string },
  base: Omit<UpstreamTls, 'ca'>,
  validation: TlsValidation | undefined,
): MadeTls {
  const refs = validation?.caCertificateRefs ?? [];
  const resolvedRefs = refs.map((ref) => authoritiesOf(view, from, { ...ref, namespace: from.namespace }));
  const secrets = resolvedRefs.flatMap((one) => ('secret' in one ? [one.secret] : []));
  const problems = resolvedRefs.flatMap((one) => ('problem' in one ? [one] : []));
  const why = problems.map(({ message }) => message).join('; ') || 'validation.caCertificateRefs names no authority';
  const resolved =
    problems.length === 0
      ? RESOLVED
      : no(problems[0]?.problem === 'kind' ? 'InvalidKind' : 'InvalidCACertificateRef', why);
  if (secrets.length === 0) return { accepted: no('NoValidCACertificate', why), resolved };
  return { tls: { ...base, ca: secrets.map(({ name }) => name) }, secrets, accepted: ACCEPTED, resolved };
}
