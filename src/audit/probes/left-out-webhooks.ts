import {
  isSameService,
  isStatusError,
  namespacedName,
  type WebhookClientConfig,
  webhookService,
} from 'nekube/apimachinery';
import { type Client, sleep } from 'nekube/client';
import { isOfThisMachine, type OperatorServices } from '../observe/operator-services.ts';
import { DEFINITION, definitionsOn } from './definition.ts';
import { freshName, resourceOf, type Subject } from './subject.ts';
import { ADMISSION, clientConfigOf, configurationsOf, registeredWebhooks, type Webhook } from './webhooks.ts';

const LOOK_EVERY_MS = 250;
/** How long it may take from when a webhook is served until its calls succeed. */
const CALLED_MS = 5000;
/** So long the operator may take to serve what is known by a URL. */
const SERVED_MS = 5000;

/** Removes the webhooks whose URLs are of other hosts: nothing is sent there. Gives what was left out, as sentences. */
export async function leaveOutForeign(client: Client, services: OperatorServices): Promise<readonly string[]> {
  const told: string[] = [];
  for (const url of await urlsOf(client)) {
    const place = new URL(url);
    if (isOfThisMachine(place)) continue;
    services.noteForeign(place);
    const why = `its URL is of ${place.host}, which is not called`;
    told.push(...(await leaveOut(client, (config) => config.url === url, why)));
  }
  return told;
}

/**
 * Removes the webhooks that nobody serves, and sets conversion by such to `None`: they would refuse all that they are asked about. So are
 * those removed that an operator made meanwhile and that are of other hosts.
 *
 * @returns why some were left out, as sentences
 */
export async function leaveOutUnserved(
  client: Client,
  services: OperatorServices,
  subject: Subject,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const told = [...(await leaveOutForeign(client, services))];
  for (const one of await services.unserved(0, signal)) {
    const why = `the operator does not serve ${namespacedName(one)} at port ${one.targetPort} with TLS`;
    const isIt = (config: WebhookClientConfig): boolean => {
      const service = webhookService(config);
      return service !== undefined && isSameService(service, one);
    };
    told.push(...(await leaveOut(client, isIt, why)));
    services.leaveOut(one);
  }
  const urls = await urlsOf(client);
  const served = await Promise.all(urls.map((url) => services.isServedAt(new URL(url), SERVED_MS, signal)));
  for (const url of urls.filter((_, i) => !served[i])) {
    const why = `the operator does not serve ${new URL(url).host} with TLS`;
    told.push(...(await leaveOut(client, (config) => config.url === url, why)));
  }
  const isAny = (await registeredWebhooks(client)).length > 0;
  const problem = isAny ? await untilCalled(client, subject, signal) : undefined;
  if (problem !== undefined) told.push(...(await leaveOut(client, () => true, problem)));
  return told;
}

/** The URLs by which webhooks are known, each once. */
async function urlsOf(client: Client): Promise<readonly string[]> {
  const webhooks = (await configurationsOf(client)).flatMap((one) => (one.webhooks ?? []) as readonly Webhook[]);
  const configs = [
    ...webhooks.map(({ clientConfig }) => clientConfig),
    ...(await definitionsOn(client)).map(({ spec }) => clientConfigOf(spec?.conversion)),
  ];
  return [...new Set(configs.flatMap((config) => config?.url ?? []))];
}

async function leaveOut(
  client: Client,
  isMeant: (config: WebhookClientConfig) => boolean,
  why: string,
): Promise<readonly string[]> {
  const left = await withoutWebhooks(client, isMeant);
  return left.map((words) => `${words} is left out: ${why}; what it changes or refuses is not known`);
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
    const all = webhooks as readonly Webhook[];
    const rest = all.filter(({ clientConfig }) => !isMeant(clientConfig));
    if (rest.length === all.length) continue;
    const [type, key] = [{ apiVersion: ADMISSION, kind: kind! }, { name: metadata.name! }];
    if (rest.length === 0) await client.delete(type, key);
    else await client.patch(type, key, { merge: { webhooks: rest } as never });
    const meant = all.filter((one) => !rest.includes(one)).map(({ name }) => name);
    left.push(`${kind} ${metadata.name}${rest.length === 0 ? '' : `: ${meant.join(', ')}`}`);
  }
  for (const { metadata, spec } of await definitionsOn(client)) {
    const config = clientConfigOf(spec?.conversion);
    if (config === undefined || !isMeant(config)) continue;
    const none = { spec: { conversion: { strategy: 'None', webhook: null } } };
    await client.patch(DEFINITION, { name: metadata.name! }, { merge: none as never });
    left.push(`the conversion of ${metadata.name}`);
  }
  return left;
}
