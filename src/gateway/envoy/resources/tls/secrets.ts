import type { Secret, SecretName } from '../../../model/index.ts';
import type { Secret as EnvoySecret } from '../messages.ts';

/**
 * The secret by which Envoy knows whom to trust: it takes one bundle, so several are one secret of their names. A secret of one
 * name alone is that secret.
 */
export function validationSecret(ca: readonly SecretName[]): string {
  return ca.join('+');
}

/** A secret for SDS, of one of a model, or of the bundles of several. */
export function envoySecret(name: string, parts: readonly Secret[]): EnvoySecret {
  const [first] = parts;
  if (first?.kind === 'certificate') {
    return {
      name,
      tls_certificate: {
        certificate_chain: { inline_string: first.chain },
        private_key: { inline_string: first.privateKey.reveal() },
      },
    };
  }
  const bundles = parts.flatMap((part) => (part.kind === 'ca' ? [part.bundle.trimEnd()] : []));
  return { name, validation_context: { trusted_ca: { inline_string: `${bundles.join('\n')}\n` } } };
}
