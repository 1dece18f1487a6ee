import type { Mismatch } from '../gates/promises.ts';
import type { Texts } from './texts.ts';

/** Where a KEP and the code differ, in the language of a page. */
export function mismatchText(mismatch: Mismatch, texts: Texts): string {
  const text = {
    'gate-missing': texts.gateMissing,
    'stage-missing': texts.stageMissing,
    'release-differs': texts.releaseDiffers,
    'stage-ahead': texts.stageAhead,
    'gate-without-kep': texts.gateWithoutKep,
  }[mismatch.rule];
  const whole = mismatch.gates === undefined ? text : text + texts.noneOfGates;
  return whole.replace(/\{(stage|byKep|byCode|kepStage|gates)\}/g, (_, field: keyof Mismatch) =>
    String(mismatch[field] ?? '–'),
  );
}
