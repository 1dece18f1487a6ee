import type { KubeObject } from 'nekube/apimachinery';
import type { Algorithm, Mode } from '../model/config.ts';
import type { TunnelAbilities } from './modes.ts';

/** What a Service may say of itself by annotations, and what counts for those that say nothing. */
export interface BalancingSettings {
  readonly mode: Mode;
  readonly algorithm: Algorithm;
  /** What tunnels can carry, by which a mode falls back to another. Default: a port in IPv4, and nothing in IPv6. */
  readonly tunnels?: TunnelAbilities;
}

/** A Service's own mode: `snat`, `dsr-ipip`, `dsr-ipopt` or `dsr-geneve`. */
export const MODE_ANNOTATION = 'loadbalancer.nekube.dev/mode';
/** A Service's own algorithm: `maglev` or `random`. */
export const ALGORITHM_ANNOTATION = 'loadbalancer.nekube.dev/algorithm';

const MODES: readonly Mode[] = ['snat', 'dsr-ipip', 'dsr-ipopt', 'dsr-geneve'];
const ALGORITHMS: readonly Algorithm[] = ['maglev', 'random'];

/** The settings that count for a Service, and what is wrong with its own, for which those of all count instead. */
export function settingsOf(
  { metadata }: KubeObject,
  common: BalancingSettings,
): { readonly settings: Pick<BalancingSettings, 'mode' | 'algorithm'>; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const read = <T extends string>(annotation: string, allowed: readonly T[], otherwise: T): T => {
    const value = metadata.annotations?.[annotation];
    if (value === undefined) return otherwise;
    const found = allowed.find((one) => one === value);
    if (found === undefined)
      problems.push(
        `annotation ${annotation} must be one of ${allowed.join(', ')}, and is ${JSON.stringify(value)}; ${otherwise} is used`,
      );
    return found ?? otherwise;
  };
  const settings = {
    mode: read(MODE_ANNOTATION, MODES, common.mode),
    algorithm: read(ALGORITHM_ANNOTATION, ALGORITHMS, common.algorithm),
  };
  return { settings, problems };
}
