import {
  isJsonObject,
  type JsonObject,
  type KubeObject,
  type WebhookClientConfig,
  webhookUrl,
} from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { WebhookUse } from '../observe/webhook-uses.ts';
import { kindName } from '../trail/request.ts';
import { definitionsOn } from './definition.ts';

/** Of configurations of webhooks. */
export const ADMISSION = 'admissionregistration.k8s.io/v1';
const CONFIGURATIONS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

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

/** One of a configuration. */
export interface Webhook {
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
  const conversion = (await definitionsOn(client)).flatMap(({ metadata, spec }) => {
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
    apiGroups.flatMap((group) => resources.map((resource) => kindName({ group, resource }))),
  );
  return [...new Set(all)];
}

/** Where a conversion is; undefined: nobody converts. */
export function clientConfigOf(conversion: unknown): WebhookClientConfig | undefined {
  if (!isJsonObject(conversion as JsonObject)) return undefined;
  const { strategy, webhook } = conversion as { strategy?: string; webhook?: { clientConfig?: WebhookClientConfig } };
  return strategy === 'Webhook' ? webhook?.clientConfig : undefined;
}

/** All configurations of webhooks of admission. */
export async function configurationsOf(client: Client): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(
    CONFIGURATIONS.map(async (kind) => {
      const { items } = await client.list({ apiVersion: ADMISSION, kind }, {});
      return items.map((item) => ({ ...item, apiVersion: ADMISSION, kind }));
    }),
  );
  return lists.flat();
}
