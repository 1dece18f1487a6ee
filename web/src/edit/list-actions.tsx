import { useRef, useState } from 'preact/hooks';
import type { Kind } from '../api/kinds.ts';
import { href } from '../app/router.ts';
import { moment } from '../app/time.ts';
import { Icon } from '../ui/icons.tsx';
import { DeleteDialog, type Doomed } from './delete-dialog.tsx';
import { createHref } from './section.ts';
import { editTexts as t } from './texts.ts';

/** What a list knows of an object that is chosen in it. */
interface ChosenRow {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly resourceVersion: string;
}

/** Deletes what is chosen in a list, as it was when that was asked for. */
export function DeleteChosen(props: {
  readonly kind: Kind;
  readonly rows: () => readonly ChosenRow[];
  readonly onDeleted: () => void;
}) {
  const { kind, rows, onDeleted } = props;
  const [doomed, setDoomed] = useState<readonly Doomed[]>();
  const someDeleted = useRef(false);
  if (!kind.verbs.includes('delete') || moment.value.state !== 'now') return null;
  const close = (): void => {
    setDoomed(undefined);
    // the choice goes with the question, so that what could not be deleted is told
    if (someDeleted.current) onDeleted();
    someDeleted.current = false;
  };
  const ask = (): void =>
    setDoomed(
      rows().map(({ id, name, namespace, resourceVersion }) => ({
        kind,
        namespace: namespace || undefined,
        name,
        // what has no uid is known by its place
        uid: id.includes('/') ? undefined : id,
        resourceVersion: resourceVersion || undefined,
      })),
    );
  return (
    <>
      <button type="button" class="quiet" onClick={ask}>
        {t.removeMany}
      </button>
      {doomed && <DeleteDialog objects={doomed} onClose={close} onDeleted={() => (someDeleted.current = true)} />}
    </>
  );
}

/** Leads to a new object of a kind. */
export function NewLink({ kind, namespace }: { readonly kind: Kind; readonly namespace: string | undefined }) {
  if (!kind.verbs.includes('create') || !kind.verbs.includes('patch') || moment.value.state !== 'now') return null;
  return (
    <a class="button quiet" href={href(createHref(kind.path, namespace))}>
      <Icon name="plus" /> {t.create}
    </a>
  );
}
