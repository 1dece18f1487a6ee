import type { KepPage } from 'nekube/kep';
import { kepHref } from './frame.tsx';
import { listPath, term } from './address.ts';
import { stepsOf } from './steps.ts';
import { kepTexts as t } from './texts.ts';

/** The stages of a KEP and their releases, on one line. */
export function Graduation(props: { readonly kep: KepPage['kep']; readonly current: string | undefined }) {
  const steps = stepsOf(props.kep, props.current);
  if (steps.length === 0) return null;
  return (
    <ol class="kep-steps" aria-label={t.graduation}>
      {steps.map(({ stage, release, state }) => (
        <li key={stage} class={state} aria-current={state === 'now' ? 'step' : undefined}>
          <span translate={false}>{stage}</span>
          {release === undefined ? (
            <span class="none">–</span>
          ) : (
            <a href={kepHref(listPath(term(stage, release)))} translate={false}>
              {release}
            </a>
          )}
          {state === 'planned' && <span class="soft">{t.planned}</span>}
        </li>
      ))}
    </ol>
  );
}
