import type { JsonValue } from 'nekube/apimachinery';
import { type Counterexample, type FoundChart, mostWrong, type NoChart } from 'nekube/audit';
import { printable } from '../printable.ts';
import type { Trial } from './helm.ts';

/** More counterexamples than these are counted only. */
const MOST_SHOWN = 3;

/** How well a chart holds, and for what it does not. */
export function heldOutText({ examples, heldOut, madeOnce }: FoundChart, { by, tried, failures }: Trial): string {
  const bound = (100 * mostWrong(failures.length, tried)).toFixed(1);
  const refused = heldOut.refused === 0 ? '' : ` (${heldOut.refused} more were refused by the server)`;
  const how = {
    helm: 'as `helm template` renders them',
    evaluation: 'as the templates are evaluated here, since Helm is not at hand',
  }[by];
  const lines = [
    `${failures.length} of ${tried} wrong: at most ${bound} % at 95 % confidence${refused}`,
    `  resources at random, which were not among the ${examples} examples; ${how}`,
    ...madeOnce.map(
      ({ secret, key, length }) =>
        `  but for ${key} of the Secret ${printable(secret)}, which is made once (${length} signs): the chart keeps what there is`,
    ),
    ...failures.slice(0, MOST_SHOWN).flatMap(counterexampleLines),
  ];
  return `${lines.join('\n')}\n`;
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
