import type { KubeObject } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';
import { internalDefinition, schemasOf, walkSchema } from './internal.ts';

const textFormats = new Set(
  (
    'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 creditcard ssn hexcolor ' +
    'rgbcolor byte password date duration datetime k8sshortname k8slongname'
  ).split(' '),
);

/** Warnings about formats that nobody checks, of an update only for those that are new. */
export function formatWarnings(definition: KubeObject, old: KubeObject | undefined): string[] {
  const known = new Set(old ? unknownFormats(old) : []);
  return unknownFormats(definition)
    .filter((format) => !known.has(format))
    .map((format) => `unrecognized format "${format}"`);
}

function unknownFormats(definition: KubeObject): string[] {
  return schemasOf(internalDefinition(definition)).flatMap((schema) =>
    [...walkSchema(schema)].filter((part) => part.format && !isKnown(part)).map(({ format }) => format),
  );
}

function isKnown({ type = '', format }: Loose): boolean {
  if (type === '' || type === 'string') return textFormats.has(format.replaceAll('-', ''));
  if (type === 'integer') return format === 'int32' || format === 'int64';
  return type !== 'number' || format === 'float' || format === 'double';
}
