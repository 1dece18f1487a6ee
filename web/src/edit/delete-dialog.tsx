import { type Signal, useSignal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import { toast } from '../ui/toasts.tsx';
import { Question } from './question.tsx';
import { editTexts as t } from './texts.ts';

/** An object that is to go, as it was when that was asked for. */
export interface Doomed {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string | undefined;
  /** It goes only if it is still this one; undefined: whatever it is by now. */
  readonly resourceVersion: string | undefined;
}

/** An object that did not go, and what the server says to it. */
type Failure = readonly [Doomed, ApiStatus];

const PROPAGATIONS = ['Background', 'Foreground', 'Orphan'] as const;
type Propagation = (typeof PROPAGATIONS)[number];

/** Kinds whose objects take much with them. */
const GRAVE = new Set(['Namespace', 'CustomResourceDefinition', 'PersistentVolume', 'PersistentVolumeClaim', 'Node']);
/** So many are named, and of so many that did not go it is said why. */
const MOST_NAMED = 8;
const MOST_EXPLAINED = 5;
/** So many go at the same time. */
const AT_ONCE = 4;

/**
 * Asks before objects go, and lets them go: each only if it is still what was looked at. Several are confirmed by typing how
 * many they are, what takes much with it by its name.
 */
export function DeleteDialog(props: {
  readonly objects: readonly Doomed[];
  readonly onClose: () => void;
  /** Some are gone. */
  readonly onDeleted: () => void;
}) {
  const { objects, onClose, onDeleted } = props;
  const propagation = useSignal<Propagation>('Background');
  const typed = useSignal('');
  const isBusy = useSignal(false);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const one = objects.length === 1 ? objects[0] : undefined;
  const word = one === undefined ? String(objects.length) : GRAVE.has(one.kind.kind) ? one.name : '';
  const isStale = one !== undefined && failures[0]?.[1].code === 409 && !isOther(failures[0][1]);

  const remove = async (of: readonly Doomed[]): Promise<void> => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    const failed = await deleteAll(of, propagation.peek());
    isBusy.value = false;
    if (failed.length < of.length) {
      onDeleted();
      toast(one === undefined ? t.deletedMany(of.length - failed.length) : t.deleted(one.name));
    }
    setFailures(failed);
    if (failed.length === 0) onClose();
  };

  return (
    <Question
      title={one === undefined ? t.deleteMany(objects.length) : t.deleteTitle(`${one.kind.kind} ${one.name}`)}
      onClose={onClose}
      onSubmit={async () => {
        if (typed.peek() === word) await remove(objects);
      }}
    >
      <p class="soft">{t.deleteBody}</p>
      {one === undefined && <Names objects={objects} />}
      <PropagationChoice chosen={propagation} />
      {word !== '' && <WordField word={word} typed={typed} />}
      {failures.length > 0 && <Failures failures={failures} all={objects} />}
      <div class="dialog-buttons">
        {isStale && (
          <button
            type="button"
            class="danger"
            disabled={isBusy.value}
            onClick={() => void remove([{ ...one, resourceVersion: undefined }])}
          >
            {t.deleteAnyway}
          </button>
        )}
        <button type="button" autofocus={word === ''} onClick={onClose}>
          {t.cancel}
        </button>
        <button type="submit" class="danger" disabled={isBusy.value || typed.value !== word || isStale}>
          {t.remove}
        </button>
      </div>
    </Question>
  );
}

/** What is about to go, as far as it can be read at a glance. */
function Names({ objects }: { readonly objects: readonly Doomed[] }) {
  return (
    <ul class="doomed">
      {objects.slice(0, MOST_NAMED).map(({ namespace, name }) => (
        <li key={`${namespace}/${name}`} translate={false}>
          {namespace === undefined ? name : `${namespace}/${name}`}
        </li>
      ))}
      {objects.length > MOST_NAMED && <li class="soft">…</li>}
    </ul>
  );
}

/** What becomes of the objects that these own. */
function PropagationChoice({ chosen }: { readonly chosen: Signal<Propagation> }) {
  return (
    <label class="field">
      <span>{t.propagation}</span>
      <select
        value={chosen.value}
        onChange={(event) => {
          chosen.value = event.currentTarget.value as Propagation;
        }}
      >
        {PROPAGATIONS.map((value) => (
          <option key={value} value={value}>
            {{ Background: t.background, Foreground: t.foreground, Orphan: t.orphan }[value]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Where the word is typed without which nothing goes. */
function WordField({ word, typed }: { readonly word: string; readonly typed: Signal<string> }) {
  return (
    <label class="field">
      <span>{t.typeToConfirm(word)}</span>
      <input
        autofocus
        value={typed.value}
        autocomplete="off"
        onInput={(event) => {
          typed.value = event.currentTarget.value;
        }}
      />
    </label>
  );
}

/** What did not go, and why. */
function Failures({ failures, all }: { readonly failures: readonly Failure[]; readonly all: readonly Doomed[] }) {
  const isOne = all.length === 1;
  return (
    <div class="banner bad" role="alert">
      {!isOne && <p>{t.deleteSome(failures.length, all.length)}</p>}
      {failures.slice(0, MOST_EXPLAINED).map(([{ name }, status]) => (
        <p key={name}>{failureText(status, isOne ? undefined : name)}</p>
      ))}
    </div>
  );
}

function failureText(status: ApiStatus, name: string | undefined): string {
  const text = status.code === 409 ? (isOther(status) ? t.deleteOther : t.deleteChanged) : (status.message ?? '');
  return name === undefined ? text : `${name}: ${text}`;
}

/** The precondition that was not met is that on the uid. */
function isOther({ message = '' }: ApiStatus): boolean {
  return /UID/i.test(message) && !/ResourceVersion/i.test(message);
}

/** Gives what could not be deleted, and why. What is gone anyway counts as deleted. */
async function deleteAll(objects: readonly Doomed[], propagationPolicy: Propagation): Promise<Failure[]> {
  const failed: Failure[] = [];
  const waiting = [...objects];
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const status = await deleteOne(one, propagationPolicy);
      if (status !== undefined) failed.push([one, status]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return failed;
}

async function deleteOne(doomed: Doomed, propagationPolicy: Propagation): Promise<ApiStatus | undefined> {
  const { kind, namespace, name, uid, resourceVersion } = doomed;
  const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
  try {
    await requestJson(`/k8s${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`, {
      method: 'DELETE',
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, preconditions },
    });
    return undefined;
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    return isApiError(error) ? error.status : { message: (error as Error).message };
  }
}
