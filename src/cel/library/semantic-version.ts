import { goQuote } from 'nekube/apimachinery';
import type { Parsed } from './parsed.ts';

/** A version of semver 2.0, as blang/semver v4 reads it. Build metadata has no part in comparisons. */
export interface SemanticVersion {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Numbers come before texts. */
  readonly prerelease: readonly (bigint | string)[];
  readonly build: readonly string[];
}

const UINT64_MAX = 2n ** 64n - 1n;

/** Reads `major.minor.patch[-prerelease][+build]`. */
export function parseVersion(text: string): Parsed<SemanticVersion> {
  if (text === '') return { error: 'Version string empty' };
  const parts = splitThree(text);
  if (parts.length !== 3) return { error: 'No Major.Minor.Patch elements found' };
  const [majorText, minorText, rest] = parts as [string, string, string];
  const major = readNumber('major', majorText);
  if (major.error !== undefined) return major;
  const minor = readNumber('minor', minorText);
  if (minor.error !== undefined) return minor;
  const [beforeBuild, build] = cut(rest, '+');
  const [patchText, pre] = cut(beforeBuild, '-');
  const patch = readNumber('patch', patchText);
  if (patch.error !== undefined) return patch;
  const prerelease = readPrerelease(pre?.split('.') ?? []);
  if (prerelease.error !== undefined) return prerelease;
  const builds = build?.split('.') ?? [];
  const fault = builds.map(buildFault).find((message) => message !== undefined);
  if (fault !== undefined) return { error: fault };
  return {
    value: {
      major: major.value,
      minor: minor.value,
      patch: patch.value,
      prerelease: prerelease.value,
      build: builds,
    },
  };
}

/** Reads a version leniently: a leading `v`, leading zeros and missing minor and patch are mended first. */
export function parseVersionTolerantly(text: string): Parsed<SemanticVersion> {
  const parts = splitThree(text.startsWith('v') ? text.slice(1) : text).map((part) => {
    if (Buffer.byteLength(part) <= 1) return part;
    const trimmed = part.replace(/^0+/, '');
    return /^[0-9]/.test(trimmed) ? trimmed : `0${trimmed}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1)!)) {
    return { error: 'short version cannot contain PreRelease/Build meta data' };
  }
  while (parts.length < 3) parts.push('0');
  return parseVersion(parts.join('.'));
}

/** -1, 0 or 1. */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  const numbers = order(a.major, b.major) || order(a.minor, b.minor) || order(a.patch, b.patch);
  if (numbers !== 0) return numbers;
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return order(b.prerelease.length, a.prerelease.length) && (a.prerelease.length === 0 ? 1 : -1);
  }
  for (const [i, part] of a.prerelease.entries()) {
    const other = b.prerelease[i];
    if (other === undefined) return 1;
    const parts = comparePrerelease(part, other);
    if (parts !== 0) return parts;
  }
  return a.prerelease.length === b.prerelease.length ? 0 : -1;
}

function comparePrerelease(a: bigint | string, b: bigint | string): number {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  return order(a, b);
}

function order<T>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** At most three parts; the third keeps its points. */
function splitThree(text: string): string[] {
  const parts = text.split('.');
  return parts.length <= 3 ? parts : [parts[0]!, parts[1]!, parts.slice(2).join('.')];
}

function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function readNumber(part: 'major' | 'minor' | 'patch', text: string): Parsed<bigint> {
  if (!/^[0-9]*$/.test(text)) return { error: `Invalid character(s) found in ${part} number ${goQuote(text)}` };
  if (/^0./.test(text)) {
    const name = part[0]!.toUpperCase() + part.slice(1);
    return { error: `${name} number must not contain leading zeroes ${goQuote(text)}` };
  }
  return readUint64(text);
}

function readUint64(text: string): Parsed<bigint> {
  if (text === '') return { error: 'strconv.ParseUint: parsing "": invalid syntax' };
  const value = BigInt(text);
  if (value <= UINT64_MAX) return { value };
  return { error: `strconv.ParseUint: parsing ${goQuote(text)}: value out of range` };
}

function readPrerelease(texts: readonly string[]): Parsed<(bigint | string)[]> {
  const parts: (bigint | string)[] = [];
  for (const text of texts) {
    if (text === '') return { error: 'Prerelease is empty' };
    if (/^[0-9]+$/.test(text)) {
      if (/^0./.test(text)) {
        return { error: `Numeric PreRelease version must not contain leading zeroes ${goQuote(text)}` };
      }
      const number = readUint64(text);
      if (number.error !== undefined) return number;
      parts.push(number.value);
    } else if (/^[0-9A-Za-z-]+$/.test(text)) parts.push(text);
    else return { error: `Invalid character(s) found in prerelease ${goQuote(text)}` };
  }
  return { value: parts };
}

function buildFault(text: string): string | undefined {
  if (text === '') return 'Build meta data is empty';
  if (/^[0-9A-Za-z-]+$/.test(text)) return undefined;
  return `Invalid character(s) found in build meta data ${goQuote(text)}`;
}
