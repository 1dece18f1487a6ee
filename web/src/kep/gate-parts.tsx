import type { GateStage, Mismatch } from 'nekube/kep';
import { kepTexts as t } from './texts.ts';

/** From which release on the code has a gate in which stage, and whether it is on. */
export function StagesOfCode({ stages }: { readonly stages: readonly GateStage[] }) {
  return (
    <span class="kep-code">
      {stages.map(({ release, stage, isDefault }) => (
        <span key={`${release} ${stage}`} class="kep-code-stage">
          <span translate={false}>
            {stage} {release}
          </span>{' '}
          <span class={isDefault ? 'on' : 'off'}>{isDefault ? t.onByDefault : t.offByDefault}</span>
        </span>
      ))}
    </span>
  );
}

/** Where a KEP and the code differ: the kind of it in the reader's language, the details as the server has them. */
export function MismatchText({ mismatch }: { readonly mismatch: Mismatch }) {
  return (
    <span class="kep-mismatch">
      <strong>{ruleTitle(mismatch.rule)}</strong>{' '}
      <span lang="en" translate={false}>
        {mismatch.message}
      </span>
    </span>
  );
}

/** A kind of mismatch in words. */
export function ruleTitle(rule: Mismatch['rule']): string {
  return {
    'gate-missing': t.ruleGateMissing,
    'stage-missing': t.ruleStageMissing,
    'release-differs': t.ruleReleaseDiffers,
    'stage-ahead': t.ruleStageAhead,
    'gate-without-kep': t.ruleGateWithoutKep,
  }[rule];
}
