import { anyOf, type Message } from 'nekube/xds';
import type { BackendProtocol, UpstreamTls } from '../../../model/index.ts';
import { type Extension, OVER_ADS } from '../messages.ts';
import { validationSecret } from './secrets.ts';

type CommonTlsContext = Message<'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext'>;
type SubjectAltNameMatcher = Message<'envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher'>;

/** How TLS is spoken to a backend: by which name, whom it must be, and what is shown to it. */
export function upstreamTls(tls: UpstreamTls, protocol: BackendProtocol, systemCa: string): Extension {
  const config = anyOf('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    sni: tls.hostname,
    common_tls_context: {
      ...alpn(protocol),
      ...validation(tls, systemCa),
      ...(tls.clientCertificate && {
        tls_certificate_sds_secret_configs: [{ name: tls.clientCertificate, sds_config: OVER_ADS }],
      }),
    },
  });
  return { name: 'envoy.transport_sockets.tls', typed_config: config };
}

function alpn(protocol: BackendProtocol): CommonTlsContext {
  if (protocol === 'H2C' || protocol === 'GRPC') return { alpn_protocols: ['h2'] };
  return protocol === 'HTTP' || protocol === 'WebSocket' ? { alpn_protocols: ['http/1.1'] } : {};
}

function validation({ hostname, subjectAltNames, ca }: UpstreamTls, systemCa: string): CommonTlsContext {
  const names = (subjectAltNames ?? [{ type: 'Hostname', value: hostname }]).map(matcher);
  if (ca === 'System') {
    return { validation_context: { trusted_ca: { filename: systemCa }, match_typed_subject_alt_names: names } };
  }
  return {
    combined_validation_context: {
      default_validation_context: { match_typed_subject_alt_names: names },
      validation_context_sds_secret_config: { name: validationSecret(ca), sds_config: OVER_ADS },
    },
  };
}

/** A name matches what a wildcard of the certificate stands for, too. */
function matcher({
  type,
  value,
}: {
  readonly type: 'Hostname' | 'URI';
  readonly value: string;
}): SubjectAltNameMatcher {
  return { san_type: type === 'URI' ? 'URI' : 'DNS', matcher: { exact: value } };
}
