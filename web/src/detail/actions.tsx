import { useSignal } from '@preact/signals';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { useMemo, useState } from 'preact/hooks';
import { requestJson } from '../api/http.ts';
import type { Kind } from '../api/kinds.ts';
import { session } from '../api/session.ts';
import { useKeys } from '../app/keyboard.ts';
import { setQuery } from '../app/router.ts';
import { DeleteDialog } from '../edit/delete-dialog.tsx';
import { Question } from '../edit/question.tsx';
import { editTexts as e } from '../edit/texts.ts';
import { toast } from '../ui/toasts.tsx';
import { objectPath } from './followed-object.ts';
import { detailTexts as t } from './texts.ts';

const RESTARTED = 'kubectl.kubernetes.io/restartedAt';

/** What can be done with an object as a whole. */
export function Actions({ object, kind }: { readonly object: KubeObject; readonly kind: Kind }) {
  const [asking, setAsking] = useState<'scale' | 'restart' | 'delete'>();
  const { spec } = object as KubeObject & { readonly spec?: JsonObject };
  const canScale = typeof spec?.replicas === 'number' && kind.verbs.includes('patch');
  const canRestart = ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind.kind) && kind.group === 'apps';
  const canDelete = kind.verbs.includes('delete') && object.metadata.deletionTimestamp === undefined;
  const keys = useMemo(
    () => [{ keys: 'shift+Delete', title: () => t.remove, run: () => (canDelete ? setAsking('delete') : false) }],
    [canDelete],
  );
  useKeys(keys);
  const close = (): void => setAsking(undefined);
  const { name = '', namespace, uid, resourceVersion } = object.metadata;
  return (
    <div class="actions">
      {kind.verbs.includes('patch') && (
        <button type="button" onClick={() => setQuery({ tab: 'edit' })}>
          {t.edit} <kbd>e</kbd>
        </button>
      )}
      {canScale && (
        <button type="button" class="quiet" onClick={() => setAsking('scale')}>
          {t.scale}
        </button>
      )}
      {canRestart && (
        <button type="button" class="quiet" onClick={() => setAsking('restart')}>
          {t.restart}
        </button>
      )}
      {canDelete && (
        <button type="button" class="quiet" onClick={() => setAsking('delete')}>
          {t.remove}
        </button>
      )}
      {asking === 'scale' && <ScaleDialog object={object} kind={kind} now={spec?.replicas as number} onClose={close} />}
      {asking === 'restart' && <RestartDialog object={object} kind={kind} onClose={close} />}
      {asking === 'delete' && <DeleteOnce object={{ kind, namespace, name, uid, resourceVersion }} onClose={close} />}
    </div>
  );
}

/** What is deleted is what was looked at when that was asked for, not what it becomes while the question stands. */
function DeleteOnce(props: {
  readonly object: Parameters<typeof DeleteDialog>[0]['objects'][0];
  readonly onClose: () => void;
}) {
  const [objects] = useState([props.object]);
  return <DeleteDialog objects={objects} onClose={props.onClose} onDeleted={() => {}} />;
}

interface ActionProps {
  readonly object: KubeObject;
  readonly kind: Kind;
  readonly onClose: () => void;
}

function ScaleDialog({ object, kind, now, onClose }: ActionProps & { readonly now: number }) {
  const replicas = useSignal(String(now));
  const [failure, setFailure] = useState('');
  const { name = '' } = object.metadata;
  const scale = async (): Promise<void> => {
    const wanted = Number(replicas.peek());
    try {
      await patch(`${pathOf(object, kind)}/scale`, { spec: { replicas: wanted } });
      toast(e.scaled(name, wanted));
      onClose();
    } catch (error) {
      setFailure((error as Error).message);
    }
  };
  return (
    <Question title={e.scaleTitle(`${kind.kind} ${name}`)} onClose={onClose} onSubmit={scale}>
      <label class="field">
        <span>{e.replicas}</span>
        <input
          type="number"
          min="0"
          step="1"
          required
          value={replicas.value}
          onInput={(event) => {
            replicas.value = event.currentTarget.value;
          }}
        />
      </label>
      <Failure text={failure} />
      <div class="dialog-buttons">
        <button type="button" onClick={onClose}>
          {e.cancel}
        </button>
        <button type="submit" class="primary">
          {e.scale}
        </button>
      </div>
    </Question>
  );
}

function RestartDialog({ object, kind, onClose }: ActionProps) {
  const [failure, setFailure] = useState('');
  const { name = '' } = object.metadata;
  const restart = async (): Promise<void> => {
    const annotations = { [RESTARTED]: new Date().toISOString().replace(/\.\d+/, '') };
    try {
      await patch(pathOf(object, kind), { spec: { template: { metadata: { annotations } } } });
      toast(e.restarted(name));
      onClose();
    } catch (error) {
      setFailure((error as Error).message);
    }
  };
  return (
    <Question title={e.restartTitle(`${kind.kind} ${name}`)} onClose={onClose} onSubmit={restart}>
      <p>{e.restartBody}</p>
      <Failure text={failure} />
      <div class="dialog-buttons">
        <button type="button" onClick={onClose}>
          {e.cancel}
        </button>
        <button type="submit" class="primary">
          {e.restart}
        </button>
      </div>
    </Question>
  );
}

function Failure({ text }: { readonly text: string }) {
  if (text === '') return null;
  return (
    <p class="banner bad" role="alert">
      {text}
    </p>
  );
}

function pathOf({ metadata: { name = '', namespace } }: KubeObject, kind: Kind): string {
  return `/k8s${objectPath({ kind, namespace, name })}`;
}

async function patch(path: string, body: object): Promise<void> {
  const { value } = session;
  const fieldManager = value.state === 'open' ? value.info.fieldManager : '';
  await requestJson(`${path}?fieldManager=${fieldManager}`, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body,
  });
}
