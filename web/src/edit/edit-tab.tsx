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
  const [schema, setSchema] = useState<KindSchema>();
  const [schemaNote, setSchemaNote] = useState('');
  const [problems, setProblems] = useState<readonly LineProblem[]>([]);
  const isEdited = session.isEdited;
  const plan = session.plan.value;
  const isPlanned = plan !== undefined && session.plannedText.value === session.text.value;
  const isReady = isPlanned && canApply(plan, session.decided.value);
  const busy = session.busy.value;

  useEffect(() => {
    schemaOf(object.apiVersion ?? '', object.kind ?? '').then(
      (found) => {
        setSchema(found);
        setSchemaNote(found === undefined ? t.noSchema : '');
      },
      (error: Error) => setSchemaNote(t.schemaFailed(error.message)),
    );
  }, [object.apiVersion, object.kind]);
  useEffect(() => {
    if (session.hadDraft) toast(t.draftKept);
    return () => session.keep();
  }, [session]);
  // what was applied is shown by what the object becomes
  useEffect(
    () =>
      effect(() => {
        const told = session.told.value;
        if (told?.type !== 'applied') return;
        toast(t.applied(told.name));
        props.onDone(told.name);
      }),
    [session],
  );

  const show = (found: readonly LineProblem[]): void => {
    setProblems(found);
    editor.current?.mark(found);
    if (found[0] !== undefined) editor.current?.goTo(found[0].line);
  };
  const makePlan = (): void => void session.makePlan(session.decided.peek()).then(show);
  const submit = (): void => {
    if (session.busy.peek() !== undefined) return;
    if (isReadyNow(session)) void session.apply().then(show);
    else makePlan();
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
    if (isEdited && !confirm(t.discardTitle)) return;
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
      <div class="tools">
        <span class={isEdited ? 'edited' : 'soft'}>{isEdited ? t.edited : t.unchanged}</span>
        {schemaNote !== '' && <span class="soft">{schemaNote}</span>}
        {session.kept.value === 'page' && <span class="level busy">{t.draftOfPage}</span>}
        <span class="spring" />
        <button type="button" class="quiet" onClick={discard}>
          {t.discard}
        </button>
        <button type="button" class={isPlanned ? '' : 'primary'} disabled={busy !== undefined} onClick={makePlan}>
          {busy === 'plan' ? t.planning : isPlanned ? t.planAgain : t.plan} {!isPlanned && <kbd>{MOD} ↵</kbd>}
        </button>
        <button
          type="button"
          class={isReady ? 'primary' : ''}
          disabled={!isReady || busy !== undefined}
          onClick={submit}
        >
          {busy === 'apply' ? t.applying : t.apply} {isReady && <kbd>{MOD} ↵</kbd>}
        </button>
      </div>
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
            <div class={isPlanned ? '' : 'outdated'}>
              <PlanPanel
                plan={plan}
                decided={session.decided.value}
                decide={(decided) => (session.decided.value = decided)}
                onField={goToField}
              />
            </div>
          )}
        </aside>
      </div>
    </div>
  );
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
