import { goQuote } from 'nekube/apimachinery';
import type { FeatureGate } from './known-flags.ts';
import { readValue } from './pflag-value.ts';

/** All gates of a stage, which can be switched together. */
const STAGES: Readonly<Record<string, string>> = { AllAlpha: 'ALPHA', AllBeta: 'BETA' };

/** What `--feature-gates` asks for. */
export interface GateChoice {
  readonly name: string;
  readonly enabled: boolean;
}

/**
 * Reads `[kube:]GATE=BOOL` pairs.
 *
 * @throws Error with kube-apiserver's message: a gate that there is not, one that is locked, or no bool
 */
export function readFeatureGates(pairs: readonly string[], known: Readonly<Record<string, FeatureGate>>): GateChoice[] {
  return pairs
    .map(splitPair)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, value }) => {
      const gate = known[name];
      if (gate === undefined && STAGES[name] === undefined) throw new Error(`unrecognized feature gate: ${name}`);
      const enabled = readBool(name, value);
      if (gate?.locked && enabled !== gate.enabled)
        throw new Error(`cannot set feature gate ${name} to ${enabled}, feature is locked to ${gate.enabled}`);
      return { name, enabled };
    });
}

function splitPair(pair: string): { name: string; value: string } {
  const colon = pair.indexOf(':');
  const component = colon < 0 ? 'kube' : pair.slice(0, colon).trim();
  if (component !== 'kube') throw new Error(`component not registered: ${component}`);
  const text = pair.slice(colon + 1).trim();
  const equals = text.indexOf('=');
  if (equals < 0) throw new Error(`missing bool value for ${text}`);
  return { name: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim() };
}

function readBool(name: string, value: string): boolean {
  try {
    return readValue('bool', value, undefined) as boolean;
  } catch {
    const why = `strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax`;
    throw new Error(`invalid value of ${name}=${value}, err: ${why}`);
  }
}

/** Those that are asked to be otherwise than they are: this server has no other way. */
export function changedGates(
  choices: readonly GateChoice[],
  known: Readonly<Record<string, FeatureGate>>,
): GateChoice[] {
  return choices.filter(({ name, enabled }) => enabled !== (known[name]?.enabled ?? name === 'AllBeta'));
}
