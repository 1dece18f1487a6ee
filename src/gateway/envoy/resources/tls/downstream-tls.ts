import type { Message } from 'nekube/xds';
import type { ClientValidation, DownstreamTls } from '../../../model/index.ts';
import { OVER_ADS } from '../messages.ts';
import { validationSecret } from './secrets.ts';

type DownstreamTlsContext = Message<'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'>;
type CommonTlsContext = Message<'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext'>;

const VERSIONS = { '1.0': 'TLSv1_0', '1.1': 'TLSv1_1', '1.2': 'TLSv1_2', '1.3': 'TLSv1_3' } as const;

/** How a chain terminates TLS; certificates come by SDS, so a new one changes no listener. */
export function downstreamTls(tls: DownstreamTls, defaultAlpn: readonly string[]): DownstreamTlsContext {
  const { minVersion, maxVersion, ciphers, clientValidation } = tls;
  const alpn = tls.alpn ?? defaultAlpn;
  const params = {
    ...(minVersion && { tls_minimum_protocol_version: VERSIONS[minVersion] }),
    ...(maxVersion && { tls_maximum_protocol_version: VERSIONS[maxVersion] }),
    ...(ciphers?.length && { cipher_suites: ciphers }),
  };
  return {
    common_tls_context: {
      ...(Object.keys(params).length > 0 && { tls_params: params }),
      tls_certificate_sds_secret_configs: tls.certificates.map((name) => ({ name, sds_config: OVER_ADS })),
      ...(alpn.length > 0 && { alpn_protocols: alpn }),
      ...(clientValidation && validation(clientValidation)),
    },
    ...(clientValidation && { require_client_certificate: clientValidation.mode === 'AllowValidOnly' }),
  };
}

/** With `AllowInsecureFallback` a certificate is asked for, and taken whatever it is. */
function validation({ ca, mode }: ClientValidation): CommonTlsContext {
  const own = mode === 'AllowInsecureFallback' ? ({ trust_chain_verification: 'ACCEPT_UNTRUSTED' } as const) : {};
  if (ca.length === 0) return { validation_context: own };
  return {
    combined_validation_context: {
      default_validation_context: own,
      validation_context_sds_secret_config: { name: validationSecret(ca), sds_config: OVER_ADS },
    },
  };
}
