/** Cipher suites of TLS 1.2 that every data plane has, by OpenSSL's names; those of TLS 1.3 are not chosen. */
export const TLS_CIPHERS: readonly string[] = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
];

/** What is wrong with some of their names; undefined: nothing. */
export function ciphersProblem(names: readonly string[]): string | undefined {
  const unknown = names.find((name) => !TLS_CIPHERS.includes(name));
  return unknown === undefined
    ? undefined
    : `${JSON.stringify(unknown)} is no cipher suite that there is: it must be one of ${TLS_CIPHERS.join(', ')}`;
}
