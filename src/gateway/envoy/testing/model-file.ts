import { parseYaml } from 'nekube/apimachinery';
import type { Backend, Endpoints, GatewayConfig, GatewayModel, Secret } from '../../model/index.ts';
import { PrivateText } from '../../model/private-text.ts';

/** What tests show for themselves. */
export interface Pem {
  readonly chain: string;
  readonly privateKey: string;
}

interface ModelFile {
  readonly gateways: readonly GatewayConfig[];
  readonly backends?: Readonly<Record<string, Backend>>;
  readonly endpoints?: Readonly<Record<string, Endpoints>>;
  /** Names alone: what they hold is made by the test. */
  readonly secrets?: readonly string[];
}

/** A model for tests, of the text of a file: texts that nobody shall see are private, and secrets hold `pem`. */
export function modelOfYaml(text: string, pem: Pem): GatewayModel {
  const file = hidden(parseYaml(text)) as ModelFile;
  return {
    gateways: file.gateways,
    backends: new Map(Object.entries(file.backends ?? {})),
    endpoints: new Map(Object.entries(file.endpoints ?? {})),
    secrets: new Map((file.secrets ?? []).map((name) => [name, secret(name, pem)])),
  };
}

function secret(name: string, { chain, privateKey }: Pem): Secret {
  return name.startsWith('ca/')
    ? { kind: 'ca', name, bundle: chain }
    : { kind: 'certificate', name, chain, privateKey: new PrivateText(privateKey) };
}

/** `users` of basicAuth, and the values of `keys` of apiKeys. */
function hidden(value: unknown, under = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => hidden(each));
  if (typeof value === 'string' && under === 'users') return new PrivateText(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]): [string, unknown] => {
    if (under === 'apiKeys' && key === 'keys') return [key, mapValues(each, (text) => new PrivateText(String(text)))];
    return [key, hidden(each, key)];
  });
  return Object.fromEntries(entries);
}

function mapValues(value: object, map: (each: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, map(each)]));
}
