import { effect } from '@preact/signals';
import type { KubeObject } from 'nekube/apimachinery';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { session as signedIn } from '../api/session.ts';
import { MOD } from '../app/key-names.ts';
import { useKeys } from '../app/keyboard.ts';
import { setQuery, url } from '../app/router.ts';
import type { TabProps } from '../detail/detail-view.tsx';
import { Notice } from '../ui/notice.tsx';
import { toast } from '../ui/toasts.tsx';
import { EditSession, stepsTo, type Told } from './edit-session.ts';
import { editableText } from './edit-text.ts';
import { Editor, type EditorHandle, messageOf } from './editor.tsx';
import { mergeTexts } from './merge-texts.ts';
import { canApply } from './plan-model.ts';
import { PlanPanel } from './plan-panel.tsx';
import type { KindSchema } from './schema.ts';
import { schemaOf } from './schemas.ts';
import { editTexts as t } from './texts.ts';
import { type LineProblem, lineOf, readText } from './yaml-check.ts';

/** An object is edited: as YAML, planned, and applied under the console's manager. A Secret only after its values were asked for. */
export function EditTab(props: TabProps) {
  const { kind, apiVersion } = props.object;
  const [isRevealed, setRevealed] = useState(kind !== 'Secret' || apiVersion !== 'v1');
  if (isRevealed) return <EditObject {...props} />;
  return (
    <Notice title={t.secretTitle}>
      <p>{t.secretBody}</p>
      <button type="button" class="primary" onClick={() => setRevealed(true)}>
        {t.secretShow}
      </button>
    </Notice>
  );
}

function EditObject({ object }: TabProps) {
  const session = useMemo(
    () => new EditSession(url.peek().pathname, object, editableText(object)),
    [object.metadata.uid],
  );
  const isNewer = session.base?.metadata.resourceVersion !== object.metadata.resourceVersion;
  const showNewer = isNewer && editableText(object) !== session.initial;
  return (
    <EditView
      session={session}
      object={object}
      newer={showNewer ? object : undefined}
      onDone={() => setQuery({ tab: 'blame' })}
      onLeave={() => setQuery({ tab: undefined })}
    />
  );
}

/** The editor beside the plan. */
export function EditView(props: {
  readonly session: EditSession;
  /** What is said of it; undefined: it is new. */
  readonly object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;
  /** What the object has become since. */
  readonly newer: KubeObject | undefined;
  readonly onDone: (name: string) => void;
  readonly onLeave: () => void;
}) {
  const { session, object, newer } = props;
  const editor = useRef<EditorHandle | undefined>(undefined);
  const { schema, note } = useSchema(object);
  const [problems, setProblems] = useState<readonly LineProblem[]>([]);
  const isEdited = session.isEdited;
  const plan = session.plan.value;

  useEffect(() => {
    if (session.hadDraft) toast(t.draftKept);
    return () => session.keep();
  }, [session]);
  useApplied(session, props.onDone);

  const show = (found: readonly LineProblem[]): void => {
    setProblems(found);
    editor.current?.mark(found);
    if (found[0] !== undefined) editor.current?.goTo(found[0].line);
  };
  const makePlan = (): void => {
    if (session.busy.peek() === undefined) void session.makePlan().then(show);
  };
  const submit = (): void => {
    if (!isReadyNow(session)) makePlan();
    else if (session.busy.peek() === undefined) void session.apply().then(show);
  };
  const keys = useMemo(() => [{ keys: 'mod+Enter', title: () => t.keyPlan, run: submit, inFields: true }], [session]);
  useKeys(keys);
  const goToField = (path: string): void => {
    const read = readText(session.text.peek()!);
    if ('problem' in read) return;
    const line = lineOf(read.root, stepsTo(path, read.object));
    if (line !== undefined) editor.current?.goTo(line);
  };
  const discard = (): void => {
    if (session.isEdited && !confirm(t.discardTitle)) return;
    session.discard();
    editor.current?.replace(session.initial);
    props.onLeave();
  };
  const loadNewer = (): void => {
    const text = mergeTexts(session.initial, session.text.peek()!, editableText(newer!));
    if (text === undefined) return toast(t.mergeConflict, 'bad');
    session.rebase(newer, text);
    editor.current?.replace(text);
  };

  return (
    <div class="edit">
      <Tools session={session} note={note} plan={makePlan} submit={submit} discard={discard} />
      {newer && isEdited && (
        <p class="banner warn" role="status">
          {t.newer}{' '}
          <button type="button" class="small" onClick={loadNewer}>
            {t.showNewer}
          </button>
        </p>
      )}
      <ToldBanner told={session.told.value} />
      <div class="edit-parts">
        <Editor
          label={t.editor(`${object.kind} ${object.metadata.name ?? ''}`)}
          initial={session.text.peek()!}
          schema={schema}
          onChange={() => session.typed(editor.current!.text())}
          onSubmit={submit}
          onEscape={() => document.querySelector<HTMLElement>('.edit .tools button')?.focus()}
          handle={editor}
        />
        {/* it scrolls, so keys must reach it also where nothing in it takes the focus */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
        <aside class="edit-side" aria-label={t.planTitle} tabIndex={0}>
          {problems.length > 0 && <Problems problems={problems} goTo={(line) => editor.current?.goTo(line)} />}
          {plan === undefined ? (
            <div class="plan-empty soft">
              <h2>{t.planTitle}</h2>
              <p>{t.planHint}</p>
              <p>{t.manager(managerName())}</p>
            </div>
          ) : (
            <div class={isPlanOf(session) ? '' : 'outdated'}>
              <PlanPanel
                plan={plan}
                decided={session.decided.value}
                decide={(change) => session.decide(change)}
                onField={goToField}
              />
            </div>
          )}
        </aside>
      </div>
    </div>
  );
}

/** What is served of the kind, and what is to be said where it is not. */
function useSchema({ apiVersion = '', kind = '' }: Pick<KubeObject, 'apiVersion' | 'kind'>): {
  readonly schema: KindSchema | undefined;
  readonly note: string;
} {
  const [schema, setSchema] = useState<KindSchema>();
  const [note, setNote] = useState('');
  useEffect(() => {
    schemaOf(apiVersion, kind).then(
      (found) => {
        setSchema(found);
        setNote(found === undefined ? t.noSchema : '');
      },
      (error: Error) => setNote(t.schemaFailed(error.message)),
    );
  }, [apiVersion, kind]);
  return { schema, note };
}

/** What was applied is shown by what the object becomes. */
function useApplied(session: EditSession, onDone: (name: string) => void): void {
  useEffect(
    () =>
      effect(() => {
        const told = session.told.value;
        if (told?.type !== 'applied') return;
        toast(t.applied(told.name));
        onDone(told.name);
      }),
    [session],
  );
}

/** Above the editor: how it stands with what is typed, and what can be done with it. */
function Tools(props: {
  readonly session: EditSession;
  readonly note: string;
  readonly plan: () => void;
  readonly submit: () => void;
  readonly discard: () => void;
}) {
  const { session, note } = props;
  const busy = session.busy.value;
  const isPlanned = isPlanOf(session);
  const isReady = isPlanned && canApply(session.plan.value!, session.decided.value);
  return (
    <div class="tools">
      <span class={session.isEdited ? 'edited' : 'soft'}>{session.isEdited ? t.edited : t.unchanged}</span>
      {note !== '' && <span class="soft">{note}</span>}
      {session.kept.value === 'page' && <span class="level busy">{t.draftOfPage}</span>}
      <span class="spring" />
      <button type="button" class="quiet" onClick={props.discard}>
        {t.discard}
      </button>
      <button type="button" class={isPlanned ? '' : 'primary'} disabled={busy !== undefined} onClick={props.plan}>
        {busy === 'plan' ? t.planning : isPlanned ? t.planAgain : t.plan} {!isPlanned && <kbd>{MOD} ↵</kbd>}
      </button>
      <button
        type="button"
        class={isReady ? 'primary' : ''}
        disabled={!isReady || busy !== undefined}
        onClick={props.submit}
      >
        {busy === 'apply' ? t.applying : t.apply} {isReady && <kbd>{MOD} ↵</kbd>}
      </button>
    </div>
  );
}

/** Whether the plan is of what is typed now. */
function isPlanOf({ plan, plannedText, text }: EditSession): boolean {
  return plan.value !== undefined && plannedText.value === text.value;
}

function isReadyNow(session: EditSession): boolean {
  const plan = session.plan.peek();
  if (plan === undefined || session.plannedText.peek() !== session.text.peek()) return false;
  return canApply(plan, session.decided.peek());
}

function managerName(): string {
  return signedIn.value.state === 'open' ? signedIn.value.info.fieldManager : 'nekube-console';
}

function ToldBanner({ told }: { readonly told: Told | undefined }) {
  if (told === undefined || told.type === 'applied') return null;
  if (told.type === 'raced')
    return (
      <p class="banner warn" role="alert">
        {told.conflict ? t.racedConflict : t.raced}
      </p>
    );
  const { code, message = '' } = told.status;
  const text = code === 0 || code === 503 ? t.away : code === 403 ? t.forbidden(message) : t.refused(message);
  return (
    <p class="banner bad" role="alert">
      {text}
    </p>
  );
}

function Problems(props: { readonly problems: readonly LineProblem[]; readonly goTo: (line: number) => void }) {
  return (
    <section class="plan-part problems" role="alert">
      <h2>{t.errors(props.problems.length)}</h2>
      <ul>
        {props.problems.map((one) => (
          <li key={`${one.line} ${messageOf(one.problem)}`}>
            <button type="button" class="path-link" onClick={() => props.goTo(one.line)}>
              {t.line(one.line + 1)}
            </button>{' '}
            {messageOf(one.problem)}
          </li>
        ))}
      </ul>
    </section>
  );
}
