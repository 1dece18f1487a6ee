import type { ComponentChildren } from 'preact';
import type { ApiStatus } from '../api/http.ts';
import { language } from '../i18n/language.ts';
import { age } from '../ui/age.ts';
import {
  type Claim,
  type Decided,
  type Decision,
  decidedAs,
  openConflicts,
  partsOf,
  type Plan,
  type PlannedField,
  type PlanWarning,
  removalAs,
  showValue,
  signOf,
} from './plan-model.ts';
import { deciderText, reasonText, saidBy } from './reason-text.ts';
import { editTexts as t } from './texts.ts';
import { fixText, warningText } from './warning-text.ts';

/** What an edit would do, field by field, with what is to be decided first. */
export function PlanPanel(props: {
  readonly plan: Plan;
  readonly decided: Decided;
  /** Changes what is decided by then. */
  readonly decide: (change: (decided: Decided) => Decided) => void;
  readonly onField: (path: string) => void;
}) {
  const { plan, decided, decide, onField } = props;
  const { contested, changed, server, claimed } = partsOf(plan);
  const open = openConflicts(plan, decided.conflicts);
  const all = (decision: Decision): void =>
    decide((before) => contested.reduce((sofar, { path }) => decidedAs(sofar, path, decision), before));
  return (
    <div class="plan" role="region" aria-label={t.planTitle}>
      <p class={`plan-outcome ${plan.outcome === 'error' || open > 0 ? 'bad' : ''}`} role="status">
        {outcomeText(plan, open)}
      </p>
      {plan.error && <p class="plan-error">{messageIn(plan.error)}</p>}
      {contested.length > 0 && (
        <Part title={t.contested} count={contested.length}>
          {contested.length > 1 && (
            <p class="decide-all soft">
              {t.decideAll}
              {DECISIONS.map(([decision, text, hint]) => (
                <button key={decision} type="button" class="quiet small" title={hint()} onClick={() => all(decision)}>
                  {text()}
                </button>
              ))}
            </p>
          )}
          {contested.map((field) => (
            <Contested
              key={field.path}
              field={field}
              chosen={decided.conflicts.get(field.path)}
              choose={(decision) => decide((before) => decidedAs(before, field.path, decision))}
              onField={onField}
            />
          ))}
        </Part>
      )}
      {plan.removals.length > 0 && (
        <Part title={t.removals} count={plan.removals.length} hint={t.removalsHint}>
          {plan.removals.map(({ path, owners }) => (
            <div key={path} class="plan-field">
              <code class="path" translate={false}>
                <Path path={path} onField={onField} />
              </code>
              <p class="soft">{owners.length === 0 ? t.noOwner : t.ownedBy(owners.map(claimText).join(', '))}</p>
              <label>
                <input
                  type="checkbox"
                  checked={decided.removals.has(path)}
                  onChange={({ currentTarget: { checked } }) => decide((before) => removalAs(before, path, checked))}
                />{' '}
                {t.removeToo}
              </label>
            </div>
          ))}
          {decided.removals.size > 0 && plan.applies && (
            <p class="soft" role="status">
              {t.twoWrites}
            </p>
          )}
        </Part>
      )}
      <Fields title={t.changes} fields={changed} onField={onField} />
      {plan.moreFields > 0 && <p class="soft plan-more">{t.moreFields(plan.moreFields)}</p>}
      <Fields title={t.serverDoes} fields={server} onField={onField} />
      <Fields title={t.claims} fields={claimed} onField={onField} />
      {plan.ignored.length > 0 && (
        <Part title={t.ignored} count={plan.ignored.length} hint={t.ignoredHint}>
          {plan.ignored.map((path) => (
            <div key={path} class="plan-field">
              <code class="path" translate={false}>
                {path}
              </code>
            </div>
          ))}
        </Part>
      )}
      {plan.warnings.length > 0 && (
        <Part title={t.warnings} count={plan.warnings.length}>
          {plan.warnings.map((warning) => (
            <Warning key={warning.message} warning={warning} />
          ))}
        </Part>
      )}
    </div>
  );
}

function Warning({ warning }: { readonly warning: PlanWarning }) {
  const text = warningText(warning);
  const fix = fixText(warning);
  return (
    <div class="plan-field">
      {text === undefined ? <p lang="en">{warning.message}</p> : <p>{text}</p>}
      {fix && (warning.type === 'Yielded' ? <p class="soft">{fix}</p> : <pre>{fix}</pre>)}
    </div>
  );
}

function outcomeText({ outcome }: Plan, open: number): string {
  if (open > 0) return t.outcomeConflict(open);
  return {
    created: t.outcomeCreated,
    changed: t.outcomeChanged,
    owners: t.outcomeOwners,
    none: t.outcomeNone,
    conflict: t.outcomeChanged,
    error: t.outcomeError,
  }[outcome];
}

function messageIn({ message, reason }: ApiStatus): string {
  return message ?? reason ?? '';
}

const DECISIONS: readonly (readonly [Decision, () => string, () => string])[] = [
  ['yield', () => t.leave, () => t.leaveHint],
  ['share', () => t.share, () => t.shareHint],
  ['force', () => t.take, () => t.takeHint],
];

function Part(props: {
  readonly title: string;
  readonly count: number;
  readonly hint?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="plan-part">
      <h2>
        {props.title} <span class="soft">{props.count}</span>
      </h2>
      {props.hint && <p class="soft">{props.hint}</p>}
      {props.children}
    </section>
  );
}

function Fields(props: {
  readonly title: string;
  readonly fields: readonly PlannedField[];
  readonly onField: (path: string) => void;
}) {
  if (props.fields.length === 0) return null;
  return (
    <Part title={props.title} count={props.fields.length}>
      {props.fields.map((field) => (
        <Change key={field.path} field={field} onField={props.onField} />
      ))}
    </Part>
  );
}

/** A field leads to its line. */
function Path({ path, onField }: { readonly path: string; readonly onField: (path: string) => void }) {
  return (
    <button type="button" class="path-link" onClick={() => onField(path)}>
      {path}
    </button>
  );
}

function Change({ field, onField }: { readonly field: PlannedField; readonly onField: (path: string) => void }) {
  const sign = signOf(field);
  const words = { '+': t.added, '-': t.removed, '~': t.changed, '=': t.stays };
  const after = 'result' in field ? field.result : field.applied;
  return (
    <div class="plan-field change">
      <span class={`sign s${{ '+': 'add', '-': 'del', '~': 'mod', '=': 'same' }[sign]}`} title={words[sign]}>
        <span aria-hidden="true">{sign}</span>
        <span class="hidden">{words[sign]}</span>
      </span>
      <div>
        <code class="path" translate={false}>
          <Path path={field.path} onField={onField} />
        </code>
        <p class="values">
          {field.live !== undefined && sign !== '=' && <del translate={false}>{showValue(field.live)}</del>}
          {sign !== '-' && after !== undefined && (
            <ins class={sign === '=' ? 'same' : ''} translate={false}>
              {showValue(after)}
            </ins>
          )}
        </p>
        {field.others.length > 0 && <p class="soft">{t.ownedBy(field.others.map(claimText).join(', '))}</p>}
      </div>
    </div>
  );
}

function Contested(props: {
  readonly field: PlannedField;
  readonly chosen: Decision | undefined;
  readonly choose: (decision: Decision) => void;
  readonly onField: (path: string) => void;
}) {
  const { field, chosen } = props;
  return (
    <fieldset class={`plan-field contested ${chosen === undefined && field.action === 'conflict' ? 'open' : ''}`}>
      <legend class="hidden">{t.decision(field.path)}</legend>
      <code class="path" translate={false}>
        <Path path={field.path} onField={props.onField} />
      </code>
      <dl>
        <dt class="soft">{t.now}</dt>
        <dd>
          <code translate={false}>{showValue(field.live)}</code>{' '}
          <span class="soft">{t.ownedBy(field.others.map(claimText).join(', '))}</span>
        </dd>
        <dt class="soft">{t.yours}</dt>
        <dd>
          <code translate={false}>{showValue(field.applied)}</code>
        </dd>
      </dl>
      <div class="choices">
        {DECISIONS.map(([decision, text, hint]) => (
          <label key={decision} title={hint()}>
            <input
              type="radio"
              name={`decide ${field.path}`}
              checked={chosen === decision}
              onChange={() => props.choose(decision)}
            />{' '}
            {text()}
          </label>
        ))}
      </div>
      {field.by && !field.by.startsWith('--') && <p class="soft">{deciderText(field.by)}</p>}
      <Reason field={field} />
    </fieldset>
  );
}

/** Why it is decided so; what a machine says of it is English in every language. */
function Reason({ field: { reason, why } }: { readonly field: PlannedField }) {
  if (!reason) return null;
  if (why === undefined)
    return (
      <p class="soft" lang="en">
        {reason}
      </p>
    );
  const said = saidBy(why);
  return (
    <p class="soft">
      {reasonText(why)}
      {said !== undefined && (
        <>
          {': '}
          <span lang="en" translate={false}>
            {said}
          </span>
        </>
      )}
    </p>
  );
}

function claimText({ manager, subresource, operation, time }: Claim): string {
  const how = operation === 'Apply' ? 'apply' : 'update';
  const part = !subresource ? '' : `/${subresource}`;
  return `${manager}${part} (${how}${time === undefined ? '' : `, ${age(Date.now() - Date.parse(time), language.value)}`})`;
}
