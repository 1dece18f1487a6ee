import {
  isJsonObject,
  isSameService,
  isStatusError,
  type JsonObject,
  type KubeObject,
  namespacedName,
  type WebhookClientConfig,
  webhookService,
  webhookUrl,
} from 'nekube/apimachinery';
import { type Client, sleep } from 'nekube/client';
import type { OperatorServices } from '../observe/operator-services.ts';
import type { WebhookUse } from '../observe/webhook-uses.ts';
import { type Subject, resourceOf, freshName } from './subject.ts';

const ADMISSION = 'admissionregistration.k8s.io/v1';
const CONFIGURATIONS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];
const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
const LOOK_EVERY_MS = 250;
/** How long it may take from when a webhook is served until its calls succeed. */
const CALLED_MS = 5000;

/** A webhook that the API server has. */
export interface RegisteredWebhook {
  /** As in `MutatingWebhookConfiguration shop: default.shop.example`. */
  readonly words: string;
  /** As `webhookUrl` has it. */
  readonly url: string;
  /** The resources that it is asked about, as `pods`, `shops.shop.example` and `*.apps`. */
  readonly resources: readonly string[];
  /** Labels that make its selectors select an object, and the object's namespace. */
  readonly labels: Readonly<Record<string, string>>;
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

interface Webhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules?: readonly Rule[];
  readonly objectSelector?: Selector;
  readonly namespaceSelector?: Selector;
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
}

/** All webhooks of admission and of conversion. */
export async function registeredWebhooks(client: Client): Promise<readonly RegisteredWebhook[]> {
  const configurations = await configurationsOf(client);
  const admission = configurations.flatMap(({ kind, metadata, webhooks = [] }) =>
    (webhooks as readonly Webhook[]).map(({ name, clientConfig, rules = [], objectSelector, namespaceSelector }) => ({
      words: `${kind} ${metadata.name}: ${name}`,
      url: webhookUrl(clientConfig),
      resources: resourcesOf(rules),
      labels: labelsFor(objectSelector),
      namespaceLabels: labelsFor(namespaceSelector),
    })),
  );
  const { items } = await client.list(DEFINITION, {});
  const conversion = items.flatMap(({ metadata, spec }) => {
    const config = clientConfigOf(spec?.conversion);
    const words = `conversion of ${metadata.name}`;
    const rest = { resources: [metadata.name!], labels: {}, namespaceLabels: {} };
    return config === undefined ? [] : [{ words, url: webhookUrl(config), ...rest }];
  });
  return [...admission, ...conversion];
}

/** What became of webhooks, as sentences. */
export function calledWords(
  webhooks: readonly RegisteredWebhook[],
  uses: ReadonlyMap<string, WebhookUse>,
): readonly string[] {
  return webhooks.map(({ words, url }) => {
    const use = uses.get(url);
    if (use === undefined) return `${words} was not called`;
    const { calls, changed, refused, failed, failure } = use;
    const [middle, most] = [use.medianMs, use.longestMs].map((ms) => ms.toFixed(ms < 10 ? 1 : 0));
    const why = failure === undefined ? '' : ` (${failure})`;
    return `${words} was called ${calls === 1 ? 'once' : `${calls} times`}: it changed ${changed}, refused ${refused}, and failed at ${failed}${why}; half of the answers came within ${middle} ms, all within ${most} ms`;
  });
}

/** Labels that a selector selects, as far as it says which. */
function labelsFor({ matchLabels = {}, matchExpressions = [] }: Selector = {}): Readonly<Record<string, string>> {
  const asked = matchExpressions.filter(({ operator }) => operator === 'In' || operator === 'Exists');
  return { ...Object.fromEntries(asked.map(({ key, values = [] }) => [key, values[0] ?? 'audit'])), ...matchLabels };
}

function resourcesOf(rules: readonly Rule[]): readonly string[] {
  const all = rules.flatMap(({ apiGroups = [], resources = [] }) =>
    apiGroups.flatMap((group) => resources.map((resource) => (group === '' ? resource : `${resource}.${group}`))),
  );
  return [...new Set(all)];
}

function clientConfigOf(conversion: unknown): WebhookClientConfig | undefined {
  if (!isJsonObject(conversion as JsonObject)) return undefined;
  const { strategy, webhook } = conversion as { strategy?: string; webhook?: { clientConfig?: WebhookClientConfig } };
  return strategy === 'Webhook' ? webhook?.clientConfig : undefined;
}

async function configurationsOf(client: Client): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(
    CONFIGURATIONS.map(async (kind) => {
      const { items } = await client.list({ apiVersion: ADMISSION, kind }, {});
      return items.map((item) => ({ ...item, apiVersion: ADMISSION, kind }));
    }),
  );
  return lists.flat();
}

/**
 * Removes the webhooks that nobody serves, and sets conversion by such to `None`: they would refuse all that they are asked about.
 *
 * @returns why some were left out, as sentences
 */
export async function leaveOutUnserved(
  client: Client,
  services: OperatorServices,
  subject: Subject,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const told: string[] = [];
  const leaveOut = async (isMeant: (config: WebhookClientConfig) => boolean, why: string): Promise<void> => {
    for (const words of await withoutWebhooks(client, isMeant))
      told.push(`${words} is left out: ${why}; what it changes or refuses is not known`);
  };
  for (const one of await services.unserved(0, signal)) {
    const why = `the operator does not serve ${namespacedName(one)} at port ${one.targetPort} with TLS`;
    const isIt = (config: WebhookClientConfig): boolean => {
      const service = webhookService(config);
      return service !== undefined && isSameService(service, one);
    };
    await leaveOut(isIt, why);
    services.leaveOut(one);
  }
  const problem = services.all.length === 0 ? undefined : await untilCalled(client, subject, signal);
  if (problem !== undefined) await leaveOut(({ service }) => service !== undefined, problem);
  return told;
}

/** Makes the sample without keeping it, until its webhooks can be called; undefined: they can. */
async function untilCalled(client: Client, subject: Subject, signal?: AbortSignal): Promise<string | undefined> {
  const resource = resourceOf(subject, 'default', freshName());
  for (const end = performance.now() + CALLED_MS; ; ) {
    try {
      await client.create(resource, { dryRun: true });
      return undefined;
    } catch (error) {
      // what it refuses is told when it is made; some webhooks are not called without keeping what is made
      const failed = isStatusError(error)
        ? /failed calling webhook.*|conversion webhook.* failed.*/s.exec(error.message)
        : null;
      if (failed === null) return undefined;
      if (performance.now() > end) return failed[0];
    }
    await sleep(LOOK_EVERY_MS, undefined, signal);
  }
}

async function withoutWebhooks(
  client: Client,
  isMeant: (config: WebhookClientConfig) => boolean,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { kind, metadata, webhooks = [] } of await configurationsOf(client)) {
    if (!(webhooks as readonly Webhook[]).some(({ clientConfig }) => isMeant(clientConfig))) continue;
    await client.delete({ apiVersion: ADMISSION, kind: kind! }, { name: metadata.name! });
    left.push(`${kind} ${metadata.name}`);
  }
  const { items } = await client.list(DEFINITION, {});
  for (const { metadata, spec } of items) {
    const config = clientConfigOf(spec?.conversion);
    if (config === undefined || !isMeant(config)) continue;
    const none = { spec: { conversion: { strategy: 'None', webhook: null } } };
    await client.patch(DEFINITION, { name: metadata.name! }, { merge: none as never });
    left.push(`the conversion of ${metadata.name}`);
  }
  return left;
}
