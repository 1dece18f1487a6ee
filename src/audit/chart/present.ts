import { separate } from './decide.ts';
import type { Fitting, Sample } from './fitting.ts';
import type { Template } from './template.ts';

/** A question for whether there is anything, and what there is then. */
export function fitPresent(
  samples: readonly Sample[],
  fitting: Fitting,
  fitThose: (there: readonly Sample[]) => Template | undefined,
  most?: number,
): Template | undefined {
  const isThere = (i: number): boolean => samples[i]!.out !== undefined;
  const scopes = samples.map(({ scope }) => scope);
  const question = separate(scopes, isThere, fitting.about(samples).asked, most);
  if (question === undefined) return undefined;
  const met = fitThose(samples.filter((_, i) => isThere(i)));
  return met && { form: 'if', question, met, otherwise: { form: 'absent' } };
}
