import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isParseError } from 'nekube/apimachinery';
import { type CodeGate, type CodeOfRelease, readFeatureList, releaseOf } from 'nekube/kep';
import { CliError, type Io, messageOf } from '../io.ts';

/** Where the list is; every release has its branch. */
export const FEATURE_LIST =
  'https://raw.githubusercontent.com/kubernetes/kubernetes/release-1.36/test/compatibility_lifecycle/reference/versioned_feature_list.yaml';

/**
 * Reads a versioned list of features; `-` is stdin.
 *
 * @throws CliError: it cannot be read, or is none
 */
export async function featuresOf(features: string, io: Io): Promise<readonly CodeGate[]> {
  try {
    const text = features === '-' ? ((await io.stdin?.()) ?? '') : readFileSync(resolve(io.cwd, features), 'utf8');
    return readFeatureList(text);
  } catch (error) {
    if (isParseError(error)) throw new CliError(`${features}: ${error.message}`, { cause: error });
    throw new CliError(messageOf(error), {
      hint: `fetch it, for one release: ${FEATURE_LIST}`,
      cause: error,
    });
  }
}

/**
 * The same with the release that it is of: the newest in it, unless one is named.
 *
 * @throws CliError as {@link featuresOf}; or it has no features
 */
export async function codeOf(features: string, named: string | undefined, io: Io): Promise<CodeOfRelease> {
  const gates = await featuresOf(features, io);
  const release = releaseFlag(named) ?? releaseOf(gates);
  if (release === undefined) throw new CliError(`${features} has no features`);
  return { release, gates };
}

/**
 * A release that a flag names, with `v`.
 *
 * @throws CliError: it is none
 */
export function releaseFlag(release: string | undefined): string | undefined {
  if (release === undefined) return undefined;
  if (!/^v?1\.\d+$/.test(release))
    throw new CliError(`--release must be a release as v1.36, not ${JSON.stringify(release)}`);
  return `v${release.replace(/^v/, '')}`;
}
