import { defineFunction, type FunctionDeclaration, globalOverload, memberOverload } from '../function.ts';
import { BOOL, type CelType, INT, objectType, STRING } from '../type.ts';
import { CelError, type CelValue, TypeValue } from '../value.ts';
import { LibraryValue } from './library-value.ts';
import type { Parsed } from './parsed.ts';
import { compareVersions, parseVersion, parseVersionTolerantly, type SemanticVersion } from './semantic-version.ts';

const SEMVER_TYPE: CelType = objectType('kubernetes.Semver');

/** A version. */
class SemverValue extends LibraryValue {
  readonly type: TypeValue = new TypeValue(SEMVER_TYPE.name);
  readonly version: SemanticVersion;

  constructor(version: SemanticVersion) {
    super();
    this.version = version;
  }

  isSame(other: this): boolean {
    return compareVersions(this.version, other.version) === 0;
  }
}

/** `semver()`, `isSemver()`, parts and comparisons; a second argument makes reading lenient. */
export const SEMVER_LIBRARY: readonly FunctionDeclaration[] = [
  defineFunction('semver', [
    globalOverload('string_to_semver', [STRING], SEMVER_TYPE, (text) => toSemver(text, false)),
    globalOverload('string_bool_to_semver', [STRING, BOOL], SEMVER_TYPE, toSemver),
  ]),
  defineFunction('isSemver', [
    globalOverload('is_semver_string', [STRING], BOOL, (text) => parse(text, false).error === undefined),
    globalOverload(
      'is_semver_string_bool',
      [STRING, BOOL],
      BOOL,
      (text, mend) => parse(text, mend).error === undefined,
    ),
  ]),
  comparison('isGreaterThan', 'semver_is_greater_than', BOOL, (order) => order === 1),
  comparison('isLessThan', 'semver_is_less_than', BOOL, (order) => order === -1),
  comparison('compareTo', 'semver_compare_to', INT, BigInt),
  part('major'),
  part('minor'),
  part('patch'),
];

function comparison(name: string, id: string, result: CelType, show: (order: number) => CelValue): FunctionDeclaration {
  const params = [SEMVER_TYPE, SEMVER_TYPE];
  const compare = (a: CelValue, b: CelValue) =>
    show(compareVersions((a as SemverValue).version, (b as SemverValue).version));
  return defineFunction(name, [memberOverload(id, params, result, compare)]);
}

/** Numbers beyond an int wrap around. */
function part(name: 'major' | 'minor' | 'patch'): FunctionDeclaration {
  const read = (semver: CelValue) => BigInt.asIntN(64, (semver as SemverValue).version[name]);
  return defineFunction(name, [memberOverload(`semver_${name}`, [SEMVER_TYPE], INT, read)]);
}

function parse(text: CelValue, mend: CelValue): Parsed<SemanticVersion> {
  return mend === true ? parseVersionTolerantly(text as string) : parseVersion(text as string);
}

function toSemver(text: CelValue, mend: CelValue): CelValue {
  const parsed = parse(text, mend);
  return parsed.error === undefined ? new SemverValue(parsed.value) : new CelError(parsed.error);
}
