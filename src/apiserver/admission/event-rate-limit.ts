import { type KubeObject, newFailure } from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts';
import { aggregate } from '../authorization/union.ts';
import { configurationOf } from './configuration.ts';
import type { PluginDeps } from './plugin-deps.ts';

const DEFAULT_CACHE = 4096;

/** What events are counted by. */
const KEYS: Readonly<Record<string, (attributes: AdmissionAttributes) => string>> = {
  Server: () => '',
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.name,
  SourceAndObject: ({ object }) => (object === undefined ? '' : sourceAndObject(object)),
};

interface Limit {
  readonly type: string;
  readonly qps: number;
  readonly burst: number;
  readonly cacheSize?: number;
}

function sourceAndObject({ source = {}, involvedObject: about = {} }: KubeObject): string {
  const { component = '', host = '' } = source;
  const { kind = '', namespace = '', name = '', uid = '', apiVersion = '' } = about;
  return component + host + kind + namespace + name + uid + apiVersion;
}

/** Only so many events are written at a time: of the server, of a namespace, by a user, or from a source about an object. */
export function eventRateLimit({ configurations, now }: PluginDeps): AdmissionPlugin {
  const limits = limitsOf(configurations).map((limit) => ({ limit, buckets: new Map<string, Bucket>() }));
  return {
    name: 'EventRateLimit',
    validate(attributes) {
      const { operation, kind, dryRun } = attributes;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      if (kind.group !== '' || kind.kind !== 'Event' || dryRun) return;
      const reached: string[] = [];
      for (const { limit, buckets } of limits) {
        const key = KEYS[limit.type]!(attributes);
        if (!bucketOf(limit, buckets, key).take(now().getTime()))
          reached.push(`limit reached on type ${limit.type} for key ${key}`);
      }
      if (reached.length > 0) throw newFailure(429, 'TooManyRequests', `Too many requests: ${aggregate(reached)}`);
    },
  };
}

/** @throws Error for a configuration that cannot be used, and without one */
function limitsOf(configurations: PluginDeps['configurations']): readonly Limit[] {
  const versions = ['eventratelimit.admission.k8s.io/v1alpha1'];
  const found = configurationOf(configurations, 'EventRateLimit', 'Configuration', versions);
  const limits = (found?.limits ?? []) as unknown as readonly Limit[];
  if (limits.length === 0) throw new Error('EventRateLimit needs a configuration with limits');
  for (const { type, qps, burst, cacheSize = 0 } of limits) {
    if (!(type in KEYS)) throw new Error(`EventRateLimit has no limits of type ${JSON.stringify(type)}`);
    if (!(qps > 0) || !(burst >= qps) || !(cacheSize >= 0))
      throw new Error('EventRateLimit needs a positive qps and a burst that is at least as large');
  }
  return limits;
}

/** The bucket of a key; of too many, the one that was not asked for longest is forgotten. */
function bucketOf(limit: Limit, buckets: Map<string, Bucket>, key: string): Bucket {
  const bucket = buckets.get(key) ?? new Bucket(limit.qps, limit.burst);
  buckets.delete(key);
  buckets.set(key, bucket);
  const size = limit.type === 'Server' ? 1 : limit.cacheSize || DEFAULT_CACHE;
  if (buckets.size > size) buckets.delete(buckets.keys().next().value!);
  return bucket;
}

/** Tokens that come back over time. */
class Bucket {
  readonly #perSecond: number;
  readonly #most: number;
  #tokens: number;
  #at: number | undefined;

  constructor(perSecond: number, most: number) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#tokens = most;
  }

  /** Takes a token, if there is one. */
  take(ms: number): boolean {
    const passed = Math.max(0, ms - (this.#at ?? ms)) / 1000;
    this.#at = ms;
    this.#tokens = Math.min(this.#most, this.#tokens + passed * this.#perSecond);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
