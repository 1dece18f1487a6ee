import type { KubeObject, Status } from 'nekube/apimachinery';
import { ObjectJudge } from 'nekube/apiserver';
import { type Channel, gatewayDefinitions } from 'nekube/gateway';
import type { SavedObject } from '../object-files.ts';
import { identityOf } from './resources.ts';
import type { Trouble } from './troubles.ts';

/** What is checked of a kind that no definition has. */
const OF_GATEWAYS = /^gateway\./;

/**
 * What an API server would refuse of these objects, to which the definitions of a channel are installed, and those that stand among
 * them. Objects of kinds that nobody knows are not checked, unless their group is one of Gateway API's.
 */
export function refusalsOfServer(saved: readonly SavedObject[], channel: Channel): readonly Trouble[] {
  const now = (): Date => new Date(0);
  const installed = gatewayDefinitions(channel).filter(isDefinition);
  const names = new Set(installed.map(({ metadata }) => metadata.name));
  const own = saved.map(({ object }) => object).filter((one) => isDefinition(one) && !names.has(one.metadata.name));
  const sound = new ObjectJudge([], now);
  const judge = new ObjectJudge([...installed, ...own.filter((one) => sound.judge(one).type === 'valid')], now);
  return saved.flatMap(({ object }) => troublesOf(object, judge));
}

function isDefinition({ kind }: KubeObject): boolean {
  return kind === 'CustomResourceDefinition';
}

function troublesOf(object: KubeObject, judge: ObjectJudge): readonly Trouble[] {
  const of = { identity: identityOf(object), object: `${object.kind} ${object.metadata.name ?? ''}` };
  const verdict = judge.judge(withoutWhatServersSet(object));
  if (verdict.type === 'refused') return refusalOf(verdict.status).map((part) => ({ ...of, ...part }));
  if (verdict.type === 'valid' || !OF_GATEWAYS.test(object.apiVersion ?? '')) return [];
  const versions =
    verdict.served.length === 0 ? 'the channel has no such kind' : `served are ${verdict.served.join(', ')}`;
  const message = `no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}: ${versions}`;
  return [{ ...of, field: 'apiVersion', reason: 'NoKindMatch', message }];
}

/** What a server has given cannot be given to it. */
function withoutWhatServersSet(object: KubeObject): KubeObject {
  const { resourceVersion: _, uid: __, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function refusalOf({
  reason = 'Invalid',
  message = '',
  details,
}: Status): readonly Pick<Trouble, 'field' | 'reason' | 'message'>[] {
  const causes = details?.causes ?? [];
  if (causes.length === 0) return [{ reason, field: fieldIn(message), message }];
  return causes.map(({ field = '', message: text = '' }) => ({ reason, field, message: `${field}: ${text}` }));
}

/** The field that a text names: errors of decoding have no causes. */
function fieldIn(message: string): string {
  return /(?:unknown|duplicate) field "([^"]+)"/.exec(message)?.[1] ?? '';
}
