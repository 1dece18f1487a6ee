import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as am from './index.ts';

/** What a validator of apimachinery 0.36 says of a text. */
interface Vector {
  readonly check: string;
  readonly text: string;
  readonly messages: readonly string[];
}

const file = new URL('../../src/apimachinery/testdata/names.jsonl', import.meta.url);
const vectors = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

const path = am.Path.of('f');

/** The messages as the recorder has them: of faults and addresses it kept the whole field error. */
const runners: Readonly<Record<string, (text: string) => readonly (string | am.TextFault)[]>> = {
  isDns1123Label: am.isDns1123Label,
  isDns1123Subdomain: am.isDns1123Subdomain,
  isDns1123SubdomainWithUnderscore: am.isDns1123SubdomainWithUnderscore,
  isDns1123SubdomainCaseless: am.isDns1123SubdomainCaseless,
  isDns1035Label: am.isDns1035Label,
  isWildcardDns1123Subdomain: am.isWildcardDns1123Subdomain,
  isQualifiedName: am.isQualifiedName,
  isValidLabelValue: am.isValidLabelValue,
  isCIdentifier: am.isCIdentifier,
  isValidPercent: am.isValidPercent,
  isHttpHeaderName: am.isHttpHeaderName,
  isEnvVarName: am.isEnvVarName,
  isStrictEnvVarName: am.isStrictEnvVarName,
  isConfigMapKey: am.isConfigMapKey,
  isValidPortName: am.isValidPortName,
  isDecimalInteger: am.isDecimalInteger,
  isValidPathSegmentName: am.isValidPathSegmentName,
  isDomainPrefixedPath: am.isDomainPrefixedPath,
  isDomainPrefixedKey: am.isDomainPrefixedKey,
  isFullyQualifiedName: am.isFullyQualifiedName,
  isFullyQualifiedDomainName: am.isFullyQualifiedDomainName,
  isValidIp: invalidAddress(am.isValidIp),
  isValidLegacyIp: invalidAddress(am.isValidLegacyIp),
  ipWarnings: (text) => am.ipWarnings('f', text),
  isValidCidr: invalidAddress(am.isValidCidr),
  isValidLegacyCidr: invalidAddress(am.isValidLegacyCidr),
  cidrWarnings: (text) => am.cidrWarnings('f', text),
  isValidInterfaceAddress: invalidAddress(am.isValidInterfaceAddress),
};

function invalidAddress(check: am.TextCheck): (text: string) => am.TextFault[] {
  return (text) => check(text).map((message) => ({ value: text, message }));
}

function shown(fault: string | am.TextFault): string {
  if (typeof fault === 'string') return fault;
  return fault.value === undefined ? am.required(path).message : am.invalid(path, fault.value, fault.message).message;
}

for (const check of new Set(vectors.map((v) => v.check))) {
  test(`${check} says what kube-apiserver says`, () => {
    for (const { text, messages } of vectors.filter((v) => v.check === check)) {
      assert.deepEqual(runners[check]!(text).map(shown), messages, JSON.stringify(text));
    }
  });
}

test('a prefix of a name may end in a dash, since more follows', () => {
  assert.deepEqual(am.nameIsDnsLabel('web-', true), []);
  assert.equal(am.nameIsDnsLabel('web-', false).length, 1);
  assert.deepEqual(am.validatePathSegmentName('..', true), []);
  assert.deepEqual(am.validatePathSegmentName('..'), ["may not be '..'"]);
});

test('numbers are held in their ranges', () => {
  assert.deepEqual(am.isValidPortNum(0), ['must be between 1 and 65535, inclusive']);
  assert.deepEqual(am.isValidPortNum(65535), []);
  assert.deepEqual(am.isValidUserId(-1n), ['must be between 0 and 2147483647, inclusive']);
  assert.deepEqual(am.isValidGroupId(2147483647), []);
});

test('a block holds its addresses', () => {
  const holds = (cidr: string, ip: string) => am.cidrContains(am.parseCidr(cidr)!, am.parseIp(ip)!);
  assert.equal(holds('10.0.0.0/24', '10.0.0.255'), true);
  assert.equal(holds('10.0.0.0/24', '10.0.1.0'), false);
  assert.equal(holds('fd00::/8', 'fd00::1'), true);
  assert.equal(holds('::/0', '10.0.0.1'), false);
});
