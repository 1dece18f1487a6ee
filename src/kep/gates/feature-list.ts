import { ParseError, parseYaml } from 'nekube/apimachinery';
import { readMilestone } from '../document/values.ts';
import type { Stage } from '../model/kep.ts';

/** What a feature gate is from a release on. */
export interface GateStage {
  /** `v1.33`. */
  readonly release: string;
  readonly stage: Stage;
  readonly isDefault: boolean;
  readonly isLocked: boolean;
}

/** A feature gate of the code. */
export interface CodeGate {
  readonly name: string;
  /** The oldest release first. */
  readonly stages: readonly GateStage[];
}

const STAGE_OF: Readonly<Record<string, Stage>> = {
  Alpha: 'alpha',
  Beta: 'beta',
  GA: 'stable',
  '': 'stable',
  Deprecated: 'deprecated',
};

/**
 * Reads a versioned feature list, as kubernetes/kubernetes keeps it
 * (test/compatibility_lifecycle/reference/versioned_feature_list.yaml).
 *
 * @throws ParseError: it is no YAML, or has not that form; the place is named
 */
export function readFeatureList(text: string): readonly CodeGate[] {
  const list = parseYaml(text);
  if (!Array.isArray(list))
    throw new ParseError('a list of features must be a list, with "name" and "versionedSpecs" each');
  return list.map((entry, i) => gateOf(entry as unknown as RawGate, `[${i}]`));
}

interface RawGate {
  readonly name?: unknown;
  readonly versionedSpecs?: readonly {
    readonly version?: unknown;
    readonly preRelease?: unknown;
    readonly default?: unknown;
    readonly lockToDefault?: unknown;
  }[];
}

function gateOf({ name, versionedSpecs }: RawGate, path: string): CodeGate {
  if (typeof name !== 'string' || name === '') throw new ParseError(`${path}.name must be a text`, { path });
  if (!Array.isArray(versionedSpecs))
    throw new ParseError(`${path}.versionedSpecs must be a list (of ${name})`, { path });
  const stages = versionedSpecs.map((spec: NonNullable<RawGate['versionedSpecs']>[number], i) => {
    const release = readMilestone(String(spec.version))?.milestone;
    const stage = STAGE_OF[String(spec.preRelease ?? '')];
    const place = `${path}.versionedSpecs[${i}]`;
    if (release === undefined)
      throw new ParseError(`${place}.version must be a release as "1.33" (of ${name})`, { path: place });
    if (stage === undefined)
      throw new ParseError(`${place}.preRelease must be one of Alpha, Beta, GA, Deprecated (of ${name})`, {
        path: place,
      });
    return { release, stage, isDefault: spec.default === true, isLocked: spec.lockToDefault === true };
  });
  return { name, stages };
}
