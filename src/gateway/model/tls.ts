import type { PrivateText } from './private-text.ts';

/** The key of a secret in `GatewayModel.secrets`, as `secret/NAMESPACE/NAME` or `ca/NAMESPACE/NAME`. */
export type SecretName = string;

/** What TLS needs of a Secret or ConfigMap. All texts are PEM and were parsed: a broken one never gets into a model. */
export type Secret =
  | {
      readonly kind: 'certificate';
      readonly name: SecretName;
      readonly chain: string;
      readonly privateKey: PrivateText;
    }
  | { readonly kind: 'ca'; readonly name: SecretName; readonly bundle: string };

/** How a filter chain terminates TLS. */
export interface DownstreamTls {
  /** At least one; the first that fits the name that the client asks for is shown, else the first. */
  readonly certificates: readonly SecretName[];
  readonly clientValidation?: ClientValidation;
  /** Application protocols in order of preference; default `h2, http/1.1` where HTTP is spoken, none else. */
  readonly alpn?: readonly string[];
  readonly minVersion?: '1.0' | '1.1' | '1.2' | '1.3';
  readonly maxVersion?: '1.0' | '1.1' | '1.2' | '1.3';
  /** By OpenSSL's names. */
  readonly ciphers?: readonly string[];
}

/** Whether clients show certificates. */
export interface ClientValidation {
  readonly ca: readonly SecretName[];
  /** `AllowInsecureFallback`: who shows none, or one that is not trusted, is let in all the same. */
  readonly mode: 'AllowValidOnly' | 'AllowInsecureFallback';
}
