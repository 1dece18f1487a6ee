import { apiVersionOf, cloneJson, errorText, type KubeObject, parseApiVersion } from 'nekube/apimachinery';
import type { Logger } from '../log/logger.ts';

/** What a conversion may use besides the object. */
export interface ConversionContext {
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Makes an object of another version of one. The object belongs to the converter and may be changed and returned. The
 * metadata must stay, but for labels and annotations; what the result leaves out of it is put back. A thrown error fails
 * the whole review, as the server asks for: all objects or none.
 */
export type Convert = (
  object: KubeObject,
  apiVersion: string,
  context: ConversionContext,
) => KubeObject | Promise<KubeObject>;

/** Converts the objects of one kind between its versions. */
export interface Converter {
  readonly group: string;
  readonly kind: string;
  readonly convert: Convert;
}

/** How a version is converted to the hub and back. Both get objects that they may change. */
export interface Spoke<Version extends KubeObject = KubeObject, Hub extends KubeObject = KubeObject> {
  toHub(object: Version, context: ConversionContext): Hub | Promise<Hub>;
  fromHub(hub: Hub, context: ConversionContext): Version | Promise<Version>;
}

/** A kind with a version that every other one is converted to and from. */
export interface HubOptions<Hub extends KubeObject> {
  readonly group: string;
  readonly kind: string;
  /** The hub's version: `v1`. */
  readonly hub: string;
  /** The other versions. */
  // biome-ignore lint: each spoke has a type of its own
  readonly spokes: Readonly<Record<string, Spoke<any, Hub>>>;
}

/**
 * A converter by way of one version, so that n versions need n−1 pairs of functions. `apiVersion` of the results is set.
 *
 * @throws RangeError if the hub is among the spokes
 */
export function hubConverter<Hub extends KubeObject>({ group, kind, hub, spokes }: HubOptions<Hub>): Converter {
  if (hub in spokes) throw new RangeError(`Cannot convert ${kind}: version ${hub} is the hub and must not be a spoke`);
  const known = [hub, ...Object.keys(spokes)];
  const spokeOf = (version: string): Spoke => {
    if (Object.hasOwn(spokes, version)) return spokes[version]! as Spoke;
    throw new Error(`${kind} has no version ${apiVersionOf({ group, version })} here, only ${known.join(', ')}`);
  };
  const convert: Convert = async (object, apiVersion, context) => {
    const from = versionOf(object.apiVersion ?? '');
    const to = versionOf(apiVersion);
    const whole = from === hub ? object : await step('to', hub, () => spokeOf(from).toHub(object, context));
    const result = to === hub ? whole : await step('from', hub, () => spokeOf(to).fromHub(whole, context));
    return { ...result, apiVersion, kind };
  };
  return { group, kind, convert };
}

function versionOf(apiVersion: string): string {
  return parseApiVersion(apiVersion)?.version ?? apiVersion;
}

async function step(
  direction: 'to' | 'from',
  hub: string,
  work: () => KubeObject | Promise<KubeObject>,
): Promise<KubeObject> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`failed to convert ${direction} hub version ${hub}: ${errorText(cause)}`, { cause });
  }
}

/** What may differ in the metadata of a converted object. */
const FREE = new Set(['labels', 'annotations']);

/**
 * Puts the metadata of the original where the result has none.
 *
 * @throws Error if the result is another object, or has other metadata than it may have
 */
export function withMetadataOf(original: KubeObject, result: KubeObject): KubeObject {
  const given: Record<string, unknown> = { ...result.metadata };
  const before: Record<string, unknown> = { ...original.metadata };
  for (const field of new Set([...Object.keys(given), ...Object.keys(before)])) {
    if (FREE.has(field)) continue;
    if (given[field] === undefined) given[field] = cloneJson(before[field]);
    else if (JSON.stringify(given[field]) !== JSON.stringify(before[field])) {
      throw new Error(`the converter must not change metadata.${field}`);
    }
  }
  const { apiVersion, kind, metadata: _, ...rest } = result;
  return { apiVersion, kind, metadata: given, ...rest };
}
