import { type Command, InvalidArgumentError, Option } from 'commander';
import { lasting } from './duration-flag.ts';

/** The flags of who may come in and do what, as commander hands them over; their names are kube-apiserver's. */
export interface AccessFlags {
  readonly anonymousAuth: boolean;
  readonly tokenAuthFile?: string;
  readonly clientCaFile?: string;
  readonly authenticationTokenWebhookConfigFile?: string;
  readonly authenticationTokenWebhookVersion: 'v1' | 'v1beta1';
  /** Durations are milliseconds. */
  readonly authenticationTokenWebhookCacheTtl: number;
  readonly authorizationMode: string;
  readonly authorizationWebhookConfigFile?: string;
  readonly authorizationWebhookVersion: 'v1' | 'v1beta1';
  readonly authorizationWebhookCacheAuthorizedTtl: number;
  readonly authorizationWebhookCacheUnauthorizedTtl: number;
  readonly serviceAccountIssuer?: readonly string[];
  readonly apiAudiences?: readonly string[];
  readonly serviceAccountKeyFile?: readonly string[];
  readonly serviceAccountSigningKeyFile?: string;
  readonly serviceAccountMaxTokenExpiration: number;
  readonly serviceAccountJwksUri?: string;
  readonly signers: 'all' | 'none';
  readonly clusterSigningCertFile?: string;
  readonly clusterSigningKeyFile?: string;
  readonly clusterSigningDuration: number;
  readonly requestheaderClientCaFile?: string;
  readonly requestheaderAllowedNames: readonly string[];
  readonly requestheaderUsernameHeaders: readonly string[];
  readonly requestheaderUidHeaders: readonly string[];
  readonly requestheaderGroupHeaders: readonly string[];
  readonly requestheaderExtraHeadersPrefix: readonly string[];
  readonly proxyClientCertFile?: string;
  readonly proxyClientKeyFile?: string;
  readonly enableAggregatorRouting: boolean;
}

const VERSIONS = ['v1', 'v1beta1'];

/** Adds them to a command. */
export function addAccessFlags(command: Command): Command {
  addAuthentication(command);
  addAuthorization(command);
  addServiceAccounts(command);
  addSigners(command);
  return addFrontProxy(command);
}

function addAuthentication(command: Command): void {
  command
    .option('--anonymous-auth <true|false>', 'requests without credentials are by system:anonymous', boolean, true)
    .option('--token-auth-file <file>', 'bearer tokens: CSV lines of token,user,uid[,"group1,group2"]')
    .option('--client-ca-file <file>', "CAs whose client certificates name users, beside the server's own")
    .option('--authentication-token-webhook-config-file <file>', 'kubeconfig of who is asked whose a token is')
    .addOption(
      new Option('--authentication-token-webhook-version <version>', 'of the TokenReviews that it gets')
        .choices(VERSIONS)
        .default('v1beta1'),
    )
    .addOption(lasting('--authentication-token-webhook-cache-ttl <duration>', 'how long its answers hold', '2m'));
}

function addAuthorization(command: Command): void {
  command
    .option(
      '--authorization-mode <modes>',
      'who may do what, asked in this order, with commas between: RBAC, Node, Webhook, AlwaysAllow, AlwaysDeny',
      'RBAC',
    )
    .option('--authorization-webhook-config-file <file>', 'kubeconfig of who is asked in the mode Webhook')
    .addOption(
      new Option('--authorization-webhook-version <version>', 'of the SubjectAccessReviews that it gets')
        .choices(VERSIONS)
        .default('v1beta1'),
    )
    .addOption(
      lasting('--authorization-webhook-cache-authorized-ttl <duration>', 'how long what it allows holds', '5m'),
    )
    .addOption(lasting('--authorization-webhook-cache-unauthorized-ttl <duration>', 'how long the rest holds', '30s'));
}

function addServiceAccounts(command: Command): void {
  command
    .option('--service-account-issuer <url>', 'issues tokens; of further ones tokens are accepted', each)
    .option('--api-audiences <names>', 'whom tokens must be for; default: the issuers', list)
    .option('--service-account-key-file <file>', 'further keys by which tokens are verified, PEM', each)
    .option('--service-account-signing-key-file <file>', "the key that signs tokens; default: the server's own")
    .addOption(lasting('--service-account-max-token-expiration <duration>', 'no token lives longer; 0s for any', '0s'))
    .option('--service-account-jwks-uri <url>', 'where it is told that these keys are');
}

function addSigners(command: Command): void {
  command
    .addOption(
      new Option('--signers <signers>', "whether approved certificate requests to Kubernetes' signers are signed")
        .choices(['all', 'none'])
        .default('all'),
    )
    .option('--cluster-signing-cert-file <file>', "the CA that signs them; default: the server's own")
    .option('--cluster-signing-key-file <file>', 'its private key')
    .addOption(lasting('--cluster-signing-duration <duration>', 'no certificate lives longer', '8760h'));
}

function addFrontProxy(command: Command): Command {
  return command
    .option('--requestheader-client-ca-file <file>', 'CAs of a proxy that names users in headers')
    .option('--requestheader-allowed-names <names>', 'common names that it may have; default: any', list, [])
    .addOption(naming('--requestheader-username-headers <names>', 'where it names users', 'x-remote-user'))
    .option('--requestheader-uid-headers <names>', 'where it gives their uid', list, [])
    .addOption(naming('--requestheader-group-headers <names>', 'where it names their groups', 'x-remote-group'))
    .addOption(naming('--requestheader-extra-headers-prefix <names>', 'how the rest begins', 'x-remote-extra-'))
    .option('--proxy-client-cert-file <file>', "the server's certificate to those of aggregated APIs; default: its own")
    .option('--proxy-client-key-file <file>', 'its key')
    .option('--enable-aggregator-routing [bool]', 'aggregated APIs are reached by endpoints alone', boolean, false);
}

/** A flag for a list of names, of which one is there by default. */
function naming(flags: string, description: string, name: string): Option {
  return new Option(flags, description).argParser(list).default([name], name);
}

/** @throws InvalidArgumentError */
function boolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('It must be true or false.');
  return text === 'true';
}

function each(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Values with commas between; a second flag adds to the first. */
function list(text: string, before?: readonly string[]): readonly string[] {
  const values = text.split(',').map((value) => value.trim());
  return remember(before !== undefined && lists.has(before) ? [...before, ...values] : values);
}

/** Lists that flags have given, which defaults are not. */
const lists = new WeakSet<readonly string[]>();

function remember(values: readonly string[]): readonly string[] {
  lists.add(values);
  return values;
}
