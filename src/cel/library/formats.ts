import {
  isQualifiedName,
  isValidLabelValue,
  nameIsDns1035Label,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
} from 'nekube/apimachinery';
import { defineFunction, type FunctionDeclaration, globalOverload, memberOverload } from '../function.ts';
import { listType, optionalType, STRING } from '../type.ts';
import { ArrayList, type CelValue, Optional } from '../value.ts';
import { parseRequestUri } from './go-url.ts';
import { FORMAT_TYPE, NamedFormat } from './named-format.ts';

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})$/;
const TIME_PATTERN_LENGTH = 71;

/** The formats by the names of their functions. */
const FORMATS: ReadonlyMap<string, NamedFormat> = new Map([
  ['dns1123Label', new NamedFormat('DNS1123Label', (text) => nameIsDnsLabel(text, false), 30)],
  ['dns1123Subdomain', new NamedFormat('DNS1123Subdomain', (text) => nameIsDnsSubdomain(text, false), 60)],
  ['dns1035Label', new NamedFormat('DNS1035Label', (text) => nameIsDns1035Label(text, false), 30)],
  ['qualifiedName', new NamedFormat('QualifiedName', isQualifiedName, 60)],
  ['dns1123LabelPrefix', new NamedFormat('DNS1123LabelPrefix', (text) => nameIsDnsLabel(text, true), 30)],
  ['dns1123SubdomainPrefix', new NamedFormat('DNS1123SubdomainPrefix', (text) => nameIsDnsSubdomain(text, true), 60)],
  ['dns1035LabelPrefix', new NamedFormat('DNS1035LabelPrefix', (text) => nameIsDns1035Label(text, true), 30)],
  ['labelValue', new NamedFormat('LabelValue', isValidLabelValue, 40)],
  ['uri', new NamedFormat('URI', uriFaults, 1103)],
  ['uuid', new NamedFormat('uuid', (text) => (UUID.test(text) ? [] : ['does not match the UUID format']), 70)],
  ['byte', new NamedFormat('byte', (text) => (BASE64.test(text) ? [] : ['invalid base64']), 84)],
  ['date', new NamedFormat('date', (text) => (isDate(text) ? [] : ['invalid date']), TIME_PATTERN_LENGTH)],
  [
    'datetime',
    new NamedFormat('datetime', (text) => (isDateTime(text) ? [] : ['invalid datetime']), TIME_PATTERN_LENGTH),
  ],
]);

/** `format.NAME()`, `format.named(NAME)` and `validate()`, which gives the faults of a text, or none. */
export const FORMAT_LIBRARY: readonly FunctionDeclaration[] = [
  ...[...FORMATS].map(([name, format]) =>
    defineFunction(`format.${name}`, [globalOverload(`format.${name}`, [], FORMAT_TYPE, () => format)]),
  ),
  defineFunction('format.named', [
    globalOverload('format-named', [STRING], optionalType(FORMAT_TYPE), (name) => {
      const format = FORMATS.get(name as string);
      return format === undefined ? Optional.none : Optional.of(format);
    }),
  ]),
  defineFunction('validate', [
    memberOverload('format-validate', [FORMAT_TYPE, STRING], optionalType(listType(STRING)), validate),
  ]),
];

function validate(format: CelValue, text: CelValue): CelValue {
  const faults = (format as NamedFormat).validate(text as string);
  return faults.length === 0 ? Optional.none : Optional.of(new ArrayList(faults));
}

function uriFaults(text: string): string[] {
  const { error } = parseRequestUri(text);
  return error === undefined ? [] : [error];
}

function isDate(text: string): boolean {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
}

/** A second of 60 is none; what follows a second `t` is not looked at. */
function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split('t');
  const [, hour, minute, second] = TIME.exec(time ?? '') ?? [];
  return isDate(date!) && hour !== undefined && hour <= '23' && minute! <= '59' && second! <= '59';
}
