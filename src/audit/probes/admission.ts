import { isJsonObject, isStatusError, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { CalledWebhook } from 'nekube/envtest';
import { isChanged, isRefusal } from '../observe/webhook-uses.ts';
import { PREFIX } from '../observe/words.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { templateOf } from './reference-object.ts';
import { freshName } from './subject.ts';
import type { RegisteredWebhook } from './webhooks.ts';

/** More kinds are not made. */
const MOST = 8;
/** Of webhooks that are asked about all resources these are tried. */
const OF_ALL: readonly string[] = ['pods', 'configmaps'];

/** Objects of others that its webhooks are asked about are made: does it change or refuse them? */
export const admission: Probe = async (context) => {
  const { webhooks, limit } = context;
  const evidence: string[] = [];
  const left: string[] = [];
  for (const [resource, those] of byResource(webhooks)) {
    if (await isCustom(context, resource)) continue;
    const said = evidence.length + left.length < MOST ? await saidOf(context, resource, those) : undefined;
    if (said === undefined) left.push(resource);
    else if (said.isRefused) evidence.push(`${resource} that others make: it refuses one`);
    else if (said.isChanged) evidence.push(`${resource} that others make: it changes one`);
    else left.push(resource);
  }
  if (left.length > 0)
    limit(
      `its webhooks are asked about ${left.join(', ')}, of which one was made at most, and neither changed nor refused: what they do with others is not known`,
    );
  const probe = 'others make what its webhooks are asked about';
  return evidence.length === 0 ? [] : [{ aspect: 'admits-others', probe, evidence }];
};

function byResource(webhooks: readonly RegisteredWebhook[]): ReadonlyMap<string, readonly RegisteredWebhook[]> {
  const all = new Map<string, RegisteredWebhook[]>();
  for (const webhook of webhooks) {
    const named = webhook.resources.flatMap((one) => (/^\*(\/\*)?(\.\*)?$/.test(one) ? OF_ALL : [one]));
    for (const resource of new Set(named)) all.set(resource, [...(all.get(resource) ?? []), webhook]);
  }
  return all;
}

/** Custom resources are what operators are there for; the one that is probed is made all the time. */
async function isCustom({ session, subject }: ProbeContext, resource: string): Promise<boolean> {
  if (resource === `${subject.resource}.${subject.group}` || resource === `*.${subject.group}`) return true;
  const [plural = ''] = resource.split('/');
  const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
  try {
    await session.env.client.get(definition, { name: plural });
    return true;
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return false;
  }
}

/** What webhooks said of an object. */
interface Said {
  isChanged: boolean;
  isRefused: boolean;
}

/** What they said of one that somebody else made; undefined: none could be made. */
async function saidOf(
  { session }: ProbeContext,
  resource: string,
  webhooks: readonly RegisteredWebhook[],
): Promise<Said | undefined> {
  const { client } = session.env;
  const { services } = session;
  const [plural = '', ...group] = resource.split('.');
  const template = await templateOf(client, group.join('.'), plural);
  if (template === undefined || services === undefined) return undefined;
  const { apiVersion, kind, isNamespaced, bodies } = template;
  const namespace = await session.env.namespace(PREFIX);
  await label(client, namespace, Object.assign({}, ...webhooks.map(({ namespaceLabels }) => namespaceLabels)));
  const name = freshName();
  const labels: Readonly<Record<string, string>> = Object.assign({}, ...webhooks.map((one) => one.labels));
  const metadata = { name, ...(isNamespaced && { namespace }), labels };
  const said: Said = { isChanged: false, isRefused: false };
  const unheard = services.listen((call) => {
    if (nameIn(call) !== name) return;
    said.isChanged ||= isChanged(call);
    said.isRefused ||= isRefusal(call);
  });
  try {
    await session.during(() =>
      makeFirst(
        client,
        bodies.map((body) => ({ apiVersion, kind, ...body, metadata })),
        said,
      ),
    );
  } finally {
    unheard();
  }
  await session.during(() => client.delete({ apiVersion, kind }, metadata).catch(() => undefined));
  return said;
}

/** Makes the first that the server takes; none, if a webhook refuses it. */
async function makeFirst(client: Client, objects: readonly object[], said: Readonly<Said>): Promise<void> {
  for (const object of objects) {
    try {
      await client.create(object as unknown as KubeObject);
      return;
    } catch (error) {
      if (!isStatusError(error)) throw error;
      if (said.isRefused) return;
    }
  }
}

async function label(client: Client, name: string, labels: JsonObject): Promise<void> {
  if (Object.keys(labels).length === 0) return;
  await client.patch({ apiVersion: 'v1', kind: 'Namespace' }, { name }, { merge: { metadata: { labels } } as never });
}

function nameIn({ asked }: CalledWebhook): unknown {
  const request = asked?.request;
  return isJsonObject(request) ? request.name : undefined;
}
