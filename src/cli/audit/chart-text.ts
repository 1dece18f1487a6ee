import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import { type Counterexample, type FoundChart, mostWrong, type NoChart } from 'nekube/audit';
import { printable } from '../printable.ts';
import type { Trial } from './helm.ts';

/** More counterexamples than these are counted only. */
const MOST_SHOWN = 3;

/**
 * How well a chart holds, and for what it does not.
 *
 * @param asked on so many resources it was to be tried
 */
export function heldOutText(
  { examples, heldOut, madeOnce, untried }: FoundChart,
  { by, tried, failures }: Trial,
  asked: number,
): string {
  const bound = (100 * mostWrong(failures.length, tried)).toFixed(1);
  const refused =
    heldOut.refused === 0 ? '' : ` (${heldOut.refused} more, or what was written for them, were refused by the server)`;
  const how = {
    helm: 'as `helm template` renders them',
    evaluation: 'as the templates are evaluated here, since Helm is not at hand',
  }[by];
  const lines = [
    `${failures.length} of ${tried} wrong: at most ${bound} % at 95 % confidence${refused}`,
    `  resources at random, which were not among the ${examples} examples; ${how}`,
    ...(heldOut.tried < asked
      ? [`  fewer than the ${asked} that were asked for${fewerWords(heldOut)} (--budget)`]
      : []),
    ...madeOnce.map(
      ({ secret, key, length }) =>
        `  but for ${key} of the Secret ${printable(secret)}, which is made once (${length} signs): the chart keeps what there is`,
    ),
    ...silentLines(heldOut.silent),
    ...untriedLines(untried),
    ...failures.slice(0, MOST_SHOWN).flatMap(counterexampleLines),
  ];
  return `${lines.join('\n')}\n`;
}

/** Where the server refuses some it may have taken no more. */
function fewerWords({ refused }: FoundChart['heldOut']): string {
  return refused === 0 ? ', since the time was over' : ': the time was over, or too many were refused';
}

/** Those for which nothing was written, which may be a failure of the operator. */
function silentLines(silent: readonly JsonObject[]): string[] {
  const [first] = silent;
  if (first === undefined) return [];
  return [
    `  not compared: ${silent.length} more, for which the operator wrote nothing; it may fail at them, as with`,
    `    ${printable(JSON.stringify(first))}`,
  ];
}

/** Kinds of values that no resource has which the server took, by their places. */
function untriedLines(untried: FoundChart['untried']): string[] {
  const byPlace = new Map<string, string[]>();
  for (const { place, kind } of untried) byPlace.set(place, [...(byPlace.get(place) ?? []), kind]);
  const lines = [...byPlace].map(([place, kinds]) => `    ${printable(place)}: ${kinds.join('; ')}`);
  return lines.length === 0 ? [] : ['  untried, since there was no resource with them that the server took:', ...lines];
}

/** Why there is no chart. */
export function refusalText({ place, why, counterexample }: NoChart): string {
  const lines = [`There is no chart: ${printable(place)}: ${printable(why)}`];
  if (counterexample !== undefined) lines.push(...counterexampleLines(counterexample));
  return `${lines.join('\n')}\n`;
}

function counterexampleLines({ values, place, expected, got }: Counterexample): string[] {
  const shown = (value: JsonValue | undefined): string =>
    value === undefined ? 'nothing' : printable(JSON.stringify(value));
  return [
    `  ${printable(place)}`,
    `    values:   ${shown(values)}`,
    `    expected: ${shown(expected)}`,
    `    got:      ${shown(got)}`,
  ];
}
