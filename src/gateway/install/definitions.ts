import { readFileSync } from 'node:fs';
import { parseJson, type KubeObject } from 'nekube/apimachinery';
import { POLICY_DEFINITIONS } from '../policies/index.ts';

/** What of Gateway API a cluster has: what is stable, or all of it. */
export type Channel = 'standard' | 'experimental';

/** The channels. */
export const CHANNELS: readonly Channel[] = ['standard', 'experimental'];

/** The GatewayClasses that have this controller are ours. */
export const CONTROLLER_NAME = 'nekube.dev/gateway-controller';

/** The class that an installation makes. */
export const GATEWAY_CLASS: KubeObject = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name: 'nekube' },
  spec: { controllerName: CONTROLLER_NAME },
} as KubeObject;

const VERSION = 'gateway.networking.k8s.io/bundle-version';

/**
 * The definitions of Gateway API, with the policy that guards them, as the release has them, and of the policies of ours.
 * Read when it is called: a megabyte.
 */
export function gatewayDefinitions(channel: Channel): readonly KubeObject[] {
  const text = readFileSync(new URL(`../definitions/${channel}.json`, import.meta.url), 'utf8');
  return [...(parseJson(text) as unknown as KubeObject[]), ...POLICY_DEFINITIONS];
}

/** The release that a definition says it is of, as `v1.7.0`; undefined for those that are none of Gateway API's. */
export function bundleVersion({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[VERSION];
}
