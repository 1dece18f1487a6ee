import type { Secret } from '../model/index.ts';
import { no, type Verdict } from '../statuses/index.ts';
import { authoritiesOf } from './certificates.ts';
import type { View } from './cluster.ts';
import type { FrontendTls } from './resources.ts';

/** What clients must show to a listener, and what is wrong with it. */
export interface FrontendValidation {
  readonly validation?: { readonly ca: readonly Secret[]; readonly mode: 'AllowValidOnly' | 'AllowInsecureFallback' };
  readonly problems: readonly { readonly reason: string; readonly message: string }[];
  /** The listener cannot be served. */
  readonly refusal?: Verdict;
}

const REASONS = {
  kind: 'InvalidCACertificateKind',
  permission: 'RefNotPermitted',
  content: 'InvalidCACertificateRef',
} as const;

/** What a Gateway asks of clients on the port of a listener; undefined for nothing. */
export function clientValidationOf(
  view: View,
  { frontend, gatewayNamespace }: { readonly frontend?: FrontendTls; readonly gatewayNamespace: string },
): FrontendValidation | undefined {
  const asked = frontend?.validation;
  if (asked === undefined) return undefined;
  const from = { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: gatewayNamespace };
  const resolved = (asked.caCertificateRefs ?? []).map((ref) => authoritiesOf(view, from, ref));
  const ca = resolved.flatMap((one) => ('secret' in one ? [one.secret] : []));
  const problems = resolved.flatMap((one) =>
    'problem' in one ? [{ reason: REASONS[one.problem], message: one.message }] : [],
  );
  if (ca.length === 0) {
    const message = problems.map((problem) => problem.message).join('; ') || 'tls.frontend names no authority';
    return { problems, refusal: no('NoValidCACertificate', `no client could be trusted: ${message}`) };
  }
  const mode = asked.mode ?? 'AllowValidOnly';
  if (
    mode === 'AllowInsecureFallback' &&
    !view.supports('GatewayFrontendClientCertificateValidationInsecureFallback')
  ) {
    return {
      problems,
      refusal: no(
        'UnsupportedValue',
        'mode AllowInsecureFallback of tls.frontend is not supported: use AllowValidOnly',
      ),
    };
  }
  if (mode !== 'AllowValidOnly' && mode !== 'AllowInsecureFallback') {
    return {
      problems,
      refusal: no('UnsupportedValue', `mode ${mode} of tls.frontend is not known: use AllowValidOnly`),
    };
  }
  return { validation: { ca, mode }, problems };
}
