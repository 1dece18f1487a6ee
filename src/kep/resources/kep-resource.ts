import { createHash } from 'node:crypto';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type { KepHistory } from '../history/history.ts';
import type { Finding } from '../model/finding.ts';
import type { Kep } from '../model/kep.ts';
import { KEP_KIND, KEP_TEXT_KIND } from './definition.ts';

/** What there is of a KEP to be kept on a server. */
export interface KepContent {
  readonly kep: Kep;
  readonly findings: readonly Finding[];
  readonly history?: KepHistory;
  readonly commit?: string;
  /** Its README.md; absent: it has none, or it is not to be kept. */
  readonly text?: string;
}

/** The repository that a Kep came of: what is gone there is removed here. */
export const SOURCE_LABEL = 'keps.nekube.dev/source';
/** A hash of all that was read of a Kep, which its status has too: where both are the same, nothing is written. */
export const CONTENT_ANNOTATION = 'keps.nekube.dev/content';

/** A KEP as the object that it is on a server, without its status. */
export function kepObject({ name, ...spec }: Kep): KubeObject & JsonObject {
  return { ...KEP_KIND, metadata: { name }, spec: spec as unknown as JsonObject };
}

/** The object of a KEP with what says where it is from. */
export function syncedObject(content: KepContent, source: string): KubeObject {
  const { spec, ...object } = kepObject(content.kep);
  const metadata = {
    name: content.kep.name,
    labels: { [SOURCE_LABEL]: source },
    annotations: { [CONTENT_ANNOTATION]: contentHash(content) },
  };
  return { ...object, metadata, spec: withoutEmpty(spec as JsonObject) } as KubeObject;
}

/** Without objects that have nothing: to a server they would say that what it has there is to be null. */
function withoutEmpty(spec: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(spec).filter(
      ([, value]) => typeof value !== 'object' || Array.isArray(value) || Object.keys(value ?? {}).length > 0,
    ),
  );
}

/** Tells whether two readings of a KEP are the same. The commit alone, which others' changes move, does not count. */
export function contentHash({ kep, findings, history }: KepContent): string {
  return createHash('sha256')
    .update(JSON.stringify([kep, findings, history]))
    .digest('hex')
    .slice(0, 32);
}

/** The status of a Kep: what is odd, and what changed. */
export function statusOf(content: KepContent, now: string): JsonObject {
  const { findings, history, commit } = content;
  const odd = findings.filter(({ level }) => level !== 'note');
  return {
    content: contentHash(content),
    ...(commit !== undefined && { commit }),
    ...(history !== undefined && {
      changed: history.changed,
      history: history.changes.map((change) => ({ ...change })),
    }),
    findings: findings.map(({ edit: _, ...finding }) => ({ ...finding })),
    conditions: [
      {
        type: 'Clean',
        status: odd.length === 0 ? 'True' : 'False',
        lastTransitionTime: now,
        reason: odd.length === 0 ? 'NothingOdd' : 'SomethingOdd',
        message: odd
          .map(({ message }) => message)
          .join('; ')
          .slice(0, 1024),
      },
    ],
  };
}

/** More than any README has; with this an object stays below the 1.5 MB that etcd takes. */
const MOST_TEXT = 1_000_000;

/** The object that a KEP's text is; undefined: it has none. */
export function textObject({ kep, text }: KepContent, source: string): KubeObject | undefined {
  if (text === undefined || kep.readme === undefined) return undefined;
  const bytes = Buffer.from(text);
  const isCut = bytes.length > MOST_TEXT;
  const kept = isCut ? bytes.toString('utf8', 0, bytes.lastIndexOf('\n', MOST_TEXT) + 1 || MOST_TEXT) : text;
  return {
    ...KEP_TEXT_KIND,
    metadata: {
      name: kep.name,
      labels: { [SOURCE_LABEL]: source },
      annotations: { [CONTENT_ANNOTATION]: createHash('sha256').update(text).digest('hex').slice(0, 32) },
    },
    spec: { path: kep.readme, text: kept, ...(isCut && { isCut }) },
  } as KubeObject;
}
