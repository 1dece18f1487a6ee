import { ciphersProblem } from '../model/tls-ciphers.ts';
import type { DownstreamTls } from '../model/index.ts';

/** What `tls.options` of a listener say; options of other controllers are theirs. */
export interface TlsOptions {
  readonly settings: Pick<DownstreamTls, 'alpn' | 'ciphers' | 'maxVersion' | 'minVersion'>;
  readonly problem?: string;
}

const PREFIX = 'gateway.nekube.dev/tls-';
const VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const;

/** Reads `gateway.nekube.dev/tls-min-version`, `-max-version`, `-ciphers` and `-alpn` (the last two separated by commas). */
export function tlsOptionsOf(options: Readonly<Record<string, string>> = {}): TlsOptions {
  let settings: TlsOptions['settings'] = {};
  for (const [key, value] of Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!key.startsWith(PREFIX)) continue;
    const read = readOption(key.slice(PREFIX.length), value);
    if (typeof read === 'string') return { settings: {}, problem: `tls.options[${key}] ${read}` };
    settings = { ...settings, ...read };
  }
  return { settings };
}

function readOption(name: string, value: string): TlsOptions['settings'] | string {
  const list = value.split(',').map((part) => part.trim());
  if (name === 'ciphers') return ciphersProblem(list) ?? { ciphers: list };
  if (name === 'alpn') {
    const isWrong = list.some((one) => one === '' || Buffer.byteLength(one) > 255);
    return isWrong ? 'must be names of 1 to 255 bytes, with commas between them' : { alpn: list };
  }
  if (name !== 'min-version' && name !== 'max-version') {
    return 'is not known: it must be one of tls-min-version, tls-max-version, tls-ciphers, tls-alpn';
  }
  const version = VERSIONS.find((known) => known === value);
  if (version === undefined) return `must be one of ${VERSIONS.join(', ')}, not ${value}`;
  return name === 'min-version' ? { minVersion: version } : { maxVersion: version };
}
