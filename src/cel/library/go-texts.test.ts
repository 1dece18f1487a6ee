import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { goQuote } from 'nekube/apimachinery';
import { fromByteText } from './byte-text.ts';
import { escapedPath, formatUrl, type GoUrl, parseRequestUri, parseUrl, queryOf, splitHost } from './go-url.ts';
import {
  formatAddress,
  formatPrefix,
  isGlobalUnicast,
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  isUnspecified,
  maskPrefix,
  type NetAddress,
  parseAddress,
  parsePrefix,
} from './netip.ts';
import type { Parsed } from './parsed.ts';
import { parseVersion, parseVersionTolerantly, type SemanticVersion } from './semantic-version.ts';

// Each line is a text, and what Go's netip.ParseAddr and ParsePrefix, blang/semver's Parse, and net/url's
// ParseRequestURI and Parse make of it: the error, or the value printed, with its parts.
const lines = readFileSync(new URL('../../../src/cel/library/testdata/go-texts.jsonl', import.meta.url), 'utf8');

test('addresses, versions and URLs are read as Go reads them', () => {
  for (const line of lines.trimEnd().split('\n')) {
    const { text, go } = JSON.parse(line) as { text: string; go: string[] };
    assert.deepEqual(readAll(text), go, text);
  }
});

test('no text is too odd to be read or refused', () => {
  const odd = fc.string({ unit: fc.constantFrom(...'0129af.:/%[]@?#&=;+-v~é '), maxLength: 30 });
  fc.assert(
    fc.property(odd, (text) => {
      readAll(text);
      parseVersionTolerantly(text);
    }),
  );
});

function readAll(text: string): string[] {
  return [
    ...show(parseAddress(text), showAddress),
    ...show(parsePrefix(text), (prefix) => [formatPrefix(prefix), formatPrefix(maskPrefix(prefix))]),
    ...show(parseVersion(text), (version) => [showVersion(version)]),
    ...show(parseRequestUri(text), (url) => [formatUrl(url)]),
    ...show(parseUrl(text), showUrl),
  ];
}

function show<T>(parsed: Parsed<T>, print: (value: T) => string[]): string[] {
  return parsed.error === undefined ? print(parsed.value) : [parsed.error];
}

function showAddress(address: NetAddress): string[] {
  const questions = [isLoopback, isUnspecified, isLinkLocalMulticast, isLinkLocalUnicast, isGlobalUnicast];
  return [formatAddress(address), questions.map((ask) => ask(address)).join(' ')];
}

function showVersion({ major, minor, patch, prerelease, build }: SemanticVersion): string {
  const [pre, meta] = [prerelease.join('.'), build.join('.')];
  return `${major}.${minor}.${patch}${pre && `-${pre}`}${meta && `+${meta}`}`;
}

function showUrl(url: GoUrl): string[] {
  const { hostname, port } = splitHost(url);
  const query = [...queryOf(url)].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = query.map(([key, values]) => `${goQuote(key)}=[${values.map(goQuote).join(' ')}];`).join('');
  return [formatUrl(url), url.scheme, fromByteText(url.host), hostname, port, escapedPath(url), shown];
}
