import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AUTHORIZATION_MODES, type AuthorizationMode, type ServerOptions, tokenKeysOf } from 'nekube/apiserver';
import type { AccessFlags } from './access-flags.ts';
import { CliError, messageOf } from './io.ts';
import { readTokenFile } from './token-file.ts';
import { readWebhookKubeconfig } from './webhook-kubeconfig.ts';

/** What the flags say about who may come in and do what. */
export type AccessOptions = Pick<
  ServerOptions,
  | 'anonymousAuth'
  | 'tokens'
  | 'clientCa'
  | 'frontProxy'
  | 'proxyClient'
  | 'aggregatorRouting'
  | 'tokenWebhook'
  | 'authorizationModes'
  | 'authorizationWebhook'
  | 'serviceAccounts'
  | 'signers'
>;

/** Reads the flags and the files that they name. @throws CliError, saying which flag would help */
export function accessOptions(flags: AccessFlags, cwd: string, warn: (message: string) => void): AccessOptions {
  const authorizationModes = parseAuthorizationModes(flags.authorizationMode);
  const { tokenAuthFile, clientCaFile } = flags;
  return {
    anonymousAuth: flags.anonymousAuth,
    authorizationModes,
    tokens: tokenAuthFile === undefined ? [] : readTokenFile(resolve(cwd, tokenAuthFile), warn),
    ...(clientCaFile !== undefined && { clientCa: readCertificates(cwd, clientCaFile, '--client-ca-file') }),
    ...frontProxyOf(flags, cwd),
    ...proxyClientOf(flags, cwd),
    aggregatorRouting: flags.enableAggregatorRouting,
    ...tokenWebhookOf(flags, cwd),
    ...authorizationWebhookOf(flags, authorizationModes, cwd),
    serviceAccounts: serviceAccountsOf(flags, cwd),
    ...signersOf(flags, cwd),
  };
}

/** Reads `--authorization-mode`, a list with commas. @throws CliError for a mode that is none, and for one given twice */
function parseAuthorizationModes(text: string): AuthorizationMode[] {
  const modes = text.split(',');
  for (const [i, mode] of modes.entries()) {
    if (!isMode(mode))
      throw new CliError(`Cannot authorize by ${JSON.stringify(mode)}`, {
        hint: `give --authorization-mode some of ${AUTHORIZATION_MODES.join(', ')}`,
      });
    if (modes.indexOf(mode) !== i)
      throw new CliError(`Cannot authorize by ${mode} twice`, { hint: 'give each of --authorization-mode once' });
  }
  return modes as AuthorizationMode[];
}

function isMode(text: string): text is AuthorizationMode {
  return (AUTHORIZATION_MODES as readonly string[]).includes(text);
}

function authorizationWebhookOf(
  flags: AccessFlags,
  modes: readonly AuthorizationMode[],
  cwd: string,
): Pick<AccessOptions, 'authorizationWebhook'> {
  const { authorizationWebhookConfigFile: file } = flags;
  const asked = modes.includes('Webhook');
  if (asked && file === undefined)
    throw new CliError("authorization-mode Webhook's authorization config file not passed", {
      hint: 'name it with --authorization-webhook-config-file',
    });
  if (!asked && file !== undefined)
    throw new CliError('cannot specify --authorization-webhook-config-file without mode Webhook', {
      hint: 'add Webhook to --authorization-mode',
    });
  if (file === undefined) return {};
  return {
    authorizationWebhook: {
      target: readWebhookKubeconfig(resolve(cwd, file), '--authorization-webhook-config-file'),
      version: flags.authorizationWebhookVersion,
      authorizedTtlMs: flags.authorizationWebhookCacheAuthorizedTtl,
      unauthorizedTtlMs: flags.authorizationWebhookCacheUnauthorizedTtl,
    },
  };
}

function tokenWebhookOf(flags: AccessFlags, cwd: string): Pick<AccessOptions, 'tokenWebhook'> {
  const { authenticationTokenWebhookConfigFile: file } = flags;
  if (file === undefined) return {};
  return {
    tokenWebhook: {
      target: readWebhookKubeconfig(resolve(cwd, file), '--authentication-token-webhook-config-file'),
      version: flags.authenticationTokenWebhookVersion,
      cacheTtlMs: flags.authenticationTokenWebhookCacheTtl,
    },
  };
}

function frontProxyOf(flags: AccessFlags, cwd: string): Pick<AccessOptions, 'frontProxy'> {
  const { requestheaderClientCaFile: file } = flags;
  if (file === undefined) return {};
  return {
    frontProxy: {
      ca: readCertificates(cwd, file, '--requestheader-client-ca-file'),
      allowedNames: flags.requestheaderAllowedNames,
      usernameHeaders: flags.requestheaderUsernameHeaders,
      uidHeaders: flags.requestheaderUidHeaders,
      groupHeaders: flags.requestheaderGroupHeaders,
      extraHeaderPrefixes: flags.requestheaderExtraHeadersPrefix,
    },
  };
}

function proxyClientOf(
  { proxyClientCertFile: certFile, proxyClientKeyFile: keyFile }: AccessFlags,
  cwd: string,
): Pick<AccessOptions, 'proxyClient'> {
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new CliError('Cannot be a proxy to other servers: one of certificate and key is missing', {
      hint: 'give both --proxy-client-cert-file and --proxy-client-key-file',
    });
  if (certFile === undefined || keyFile === undefined) return {};
  const cert = readCertificates(cwd, certFile, '--proxy-client-cert-file');
  return { proxyClient: { cert, key: readKeyOf(cert, keyFile, '--proxy-client-key-file', cwd) } };
}

function serviceAccountsOf(flags: AccessFlags, cwd: string): NonNullable<AccessOptions['serviceAccounts']> {
  const { serviceAccountSigningKeyFile: signing, serviceAccountIssuer: issuers, apiAudiences: audiences } = flags;
  const keys = (flags.serviceAccountKeyFile ?? []).flatMap((file) =>
    reading(cwd, file, '--service-account-key-file', tokenKeysOf),
  );
  return {
    ...(keys.length > 0 && { keys }),
    ...(signing !== undefined && {
      signingKey: reading(cwd, signing, '--service-account-signing-key-file', (text) => {
        tokenKeysOf(text);
        return text;
      }),
    }),
    ...(issuers && { issuers }),
    ...(audiences && { audiences }),
    ...(flags.serviceAccountJwksUri && { jwksUri: flags.serviceAccountJwksUri }),
    maxExpirationSeconds: flags.serviceAccountMaxTokenExpiration / 1000,
  };
}

function signersOf(flags: AccessFlags, cwd: string): Pick<AccessOptions, 'signers'> {
  const { clusterSigningCertFile: certFile, clusterSigningKeyFile: keyFile, clusterSigningDuration: longestMs } = flags;
  if (flags.signers === 'none') return { signers: null };
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new CliError('Cannot sign certificates: a CA is a certificate and a key', {
      hint: 'give both --cluster-signing-cert-file and --cluster-signing-key-file',
    });
  if (certFile === undefined || keyFile === undefined) return { signers: { longestMs } };
  const cert = readCertificates(cwd, certFile, '--cluster-signing-cert-file');
  const key = readKeyOf(cert, keyFile, '--cluster-signing-key-file', cwd);
  return { signers: { ca: { cert, key }, longestMs } };
}

function readCertificates(cwd: string, file: string, flag: string): string {
  return reading(cwd, file, flag, (text) => {
    if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no certificate in PEM');
    return text;
  });
}

/** The private key of a certificate. */
function readKeyOf(cert: string, file: string, flag: string, cwd: string): string {
  return reading(cwd, file, flag, (text) => {
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(text)))
      throw new Error('it is not the key of the certificate');
    return text;
  });
}

/** What `read` makes of a file. @throws CliError that names the flag */
function reading<T>(cwd: string, file: string, flag: string, read: (text: string) => T): T {
  try {
    return read(readFileSync(resolve(cwd, file), 'utf8'));
  } catch (cause) {
    const why = `Cannot use ${JSON.stringify(file)}: ${messageOf(cause)}`;
    throw new CliError(why, { hint: `give another file with ${flag}`, cause });
  }
}

/** The options with what a server is a proxy by that was told nothing of that: certificates of its own. */
export function withOwnProxy(
  options: AccessOptions,
  frontProxy: () => { readonly caCert: string; readonly name: string; readonly client: { cert: string; key: string } },
): AccessOptions {
  if (options.frontProxy !== undefined || options.proxyClient !== undefined) return options;
  const { caCert, name, client } = frontProxy();
  return {
    ...options,
    proxyClient: client,
    frontProxy: {
      ca: caCert,
      allowedNames: [name],
      usernameHeaders: ['X-Remote-User'],
      uidHeaders: ['X-Remote-Uid'],
      groupHeaders: ['X-Remote-Group'],
      extraHeaderPrefixes: ['X-Remote-Extra-'],
    },
  };
}
