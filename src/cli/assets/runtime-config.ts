import { goQuote } from 'nekube/apimachinery';
import { readValue } from './pflag-value.ts';

/** Keys that switch many versions at once. */
const TOGETHER = ['api/all', 'api/ga', 'api/beta', 'api/alpha', 'api/legacy'];

/** What is wrong with the keys of `--runtime-config`, in kube-apiserver's words. */
export function runtimeConfigProblems(pairs: readonly string[], groupVersions: readonly string[]): string[] {
  const keys = pairs.map((pair) => pair.split('=')[0]!);
  const invalid = keys.filter((key) => !key.includes('/') && key !== 'v1');
  if (invalid.length > 0) return [`runtime-config invalid key ${invalid.join(',')}`];
  const groups = new Set(groupVersions.map(groupOf));
  const unknown = keys.filter((key) => !TOGETHER.includes(key) && key !== 'v1' && !groups.has(groupOf(key)));
  return unknown.length === 0 ? [] : [`unknown api groups ${unknown.join(',')}`];
}

/** Reads the values, once the keys hold. @throws Error with kube-apiserver's message */
export function readRuntimeConfig(
  pairs: readonly string[],
  groupVersions: readonly string[],
): { readonly key: string; readonly enabled: boolean }[] {
  return pairs.map((pair) => {
    const [key = '', value = ''] = pair.split('=');
    if (TOGETHER.includes(key)) {
      if (value !== 'true' && value !== 'false') throw new Error(`invalid value ${key}=${value}`);
      return { key, enabled: value === 'true' };
    }
    const [group = '', version = '', resource] = key.split('/');
    if (key !== 'v1' && resource === undefined && !groupVersions.includes(`${group}/${version}`))
      throw new Error(`group version ${key} that has not been registered`);
    return { key, enabled: value === '' || readBool(key, value) };
  });
}

function readBool(key: string, value: string): boolean {
  try {
    return readValue('bool', value, undefined) as boolean;
  } catch {
    const why = `strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax`;
    throw new Error(`invalid value of ${key}: ${value}, err: ${why}`);
  }
}

function groupOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
