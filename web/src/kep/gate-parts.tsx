import type { ComponentChildren } from 'preact';
import { type GateStage, type Mismatch, STAGES } from 'nekube/kep';
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

/** Where a KEP and the code differ; `kep` says which it is of several. */
export function MismatchText({ mismatch, kep }: { readonly mismatch: Mismatch; readonly kep?: string | undefined }) {
  const details = detailsOf(mismatch);
  return (
    <span class="kep-mismatch">
      {kep && <span translate={false}>{kep} </span>}
      <strong>{ruleTitle(mismatch.rule)}</strong>
      {details !== '' && ': '}
      {marked(details)}
    </span>
  );
}

/** Stages and releases are data, and in no language. */
function marked(text: string): readonly ComponentChildren[] {
  return text.split(VALUE).map((part, i) =>
    i % 2 === 0 ? (
      part
    ) : (
      <span key={i} translate={false}>
        {part}
      </span>
    ),
  );
}

const VALUE = new RegExp(`(v1\\.\\d+|${STAGES.join('|')})`);

function detailsOf({ rule, stage = 'stable', byKep = '', byCode = '', kepStage = 'alpha', gates }: Mismatch): string {
  const none = gates === undefined ? '' : t.noneOfGates(gates);
  switch (rule) {
    case 'gate-missing':
      return t.detailGateMissing(stage, byKep);
    case 'stage-missing':
      return t.detailStageMissing(stage, byKep) + none;
    case 'release-differs':
      return t.detailReleaseDiffers(stage, byKep, byCode) + none;
    case 'stage-ahead':
      return t.detailStageAhead(stage, byCode, kepStage);
    case 'gate-without-kep':
      return '';
  }
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
