import type { Finding, KepPage, KnownDay, PageGate } from 'nekube/kep';
import { ValueLink } from './parts.tsx';
import { MismatchText, StagesOfCode } from './gate-parts.tsx';
import { kepTexts as t } from './texts.ts';

/** The gates of a KEP, with what the code has of each. */
export function GatesOf({ gates, kep }: { readonly gates: readonly PageGate[]; readonly kep: KepPage['kep'] }) {
  return (
    <section>
      <h3>{t.gatesOf}</h3>
      {gates.length === 0 && <p class="soft">{t.noGates}</p>}
      <ul class="kep-gates-of">
        {gates.map(({ name, components, stages, mismatches }) => (
          <li key={name}>
            <ValueLink field="gate" value={name} />
            <span class="soft" translate={false}>
              {components.join(', ')}
            </span>
            {stages !== undefined && <StagesOfCode stages={stages} />}
            {mismatches.map((one, i) => (
              <MismatchText key={i} mismatch={one} />
            ))}
          </li>
        ))}
      </ul>
      {gates.length > 1 && gates.some(({ stages }) => stages !== undefined) && <p class="soft">{t.severalGates}</p>}
      <dl class="kep-facts">
        <dt>{t.disable}</dt>
        <dd>{kep.disableSupported === undefined ? '–' : kep.disableSupported ? t.yes : t.no}</dd>
      </dl>
    </section>
  );
}

/** Who stands behind a KEP; each name leads to all that somebody has that part in. */
export function People({ kep }: { readonly kep: KepPage['kep'] }) {
  const parts = [
    ['author', t.authors, kep.authors],
    ['approver', t.approvers, kep.approvers],
    ['reviewer', t.reviewers, kep.reviewers],
  ] as const;
  return (
    <section>
      <h3>{t.people}</h3>
      <dl class="kep-facts">
        {parts.map(([field, title, people]) => (
          <Names key={field} field={field} title={title} people={people} />
        ))}
        {kep.editor && (
          <>
            <dt>{t.editor}</dt>
            <dd translate={false}>{kep.editor}</dd>
          </>
        )}
        <dt>{t.readiness}</dt>
        <dd>
          {kep.readinessApprovers.length === 0 && <span class="soft">{t.nobody}</span>}
          {kep.readinessApprovers.map(({ stage, approver }) => (
            <span key={stage} class="kep-person">
              <span class="soft" translate={false}>
                {stage}
              </span>{' '}
              <ValueLink field="prr-approver" value={approver} />
            </span>
          ))}
        </dd>
      </dl>
    </section>
  );
}

function Names(props: { readonly field: string; readonly title: string; readonly people: readonly string[] }) {
  return (
    <>
      <dt>{props.title}</dt>
      <dd>
        {props.people.length === 0 && <span class="soft">{t.nobody}</span>}
        {[...new Set(props.people)].map((person) => (
          <span key={person} class="kep-person">
            <ValueLink field={props.field} value={person} />
          </span>
        ))}
      </dd>
    </>
  );
}

/** Days, SIGs and metrics. */
export function Facts({ kep }: { readonly kep: KepPage['kep'] }) {
  return (
    <section>
      <h3>{t.facts}</h3>
      <dl class="kep-facts">
        {kep.participatingSigs.length > 0 && (
          <>
            <dt>{t.fieldParticipating}</dt>
            <dd>
              {kep.participatingSigs.map((sig) => (
                <span key={sig} class="kep-person">
                  <ValueLink field="participating-sig" value={sig} />
                </span>
              ))}
            </dd>
          </>
        )}
        <Day title={t.created} day={kep.made} />
        <Day title={t.changed} day={kep.changed} />
        {kep.metrics.length > 0 && (
          <>
            <dt>{t.metrics}</dt>
            <dd>
              {kep.metrics.map((metric) => (
                <code key={metric} class="kep-metric" translate={false}>
                  {metric}
                </code>
              ))}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Day({ title, day }: { readonly title: string; readonly day: KnownDay | undefined }) {
  if (day === undefined) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <time dateTime={day.day}>{day.day}</time>
        {day.by === 'history' && (
          <span class="soft"> {day.written === undefined ? t.byHistory : t.byCommits(day.written)}</span>
        )}
      </dd>
    </>
  );
}

/** What is odd about its files; what is only good to know is left to `nekube kep lint`. */
export function FindingsOf(props: { readonly findings: readonly Finding[]; readonly folderUrl: string }) {
  const odd = props.findings.filter(({ level }) => level !== 'note');
  if (odd.length === 0) return null;
  return (
    <section>
      <details class="kep-findings">
        <summary>{t.findings(odd.length)}</summary>
        <ul>
          {odd.map(({ file, line, rule, message, level }, i) => (
            <li key={i} class={level}>
              <span lang="en" translate={false}>
                {message}
              </span>
              <span class="soft" translate={false}>
                {rule} · {file.slice(file.lastIndexOf('/') + 1)}
                {line !== undefined && ` · ${t.line(line)}`}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
