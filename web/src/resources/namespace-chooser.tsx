import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Chooser, type Option } from '../ui/chooser.tsx';
import { Icon } from '../ui/icons.tsx';
import { Popover } from '../ui/popover.tsx';
import { followNamespaces, namespaces } from './namespaces.ts';
import { resourceTexts as t } from './texts.ts';

/** Chooses the namespace of a list, or all of them. One that cannot be listed can be typed. */
export function NamespaceChooser(props: {
  readonly namespace: string | undefined;
  readonly onChoose: (namespace: string | undefined) => void;
  readonly opener?: (open: () => void) => void;
}) {
  useEffect(followNamespaces, []);
  const { namespace } = props;
  return (
    <Popover
      label={t.chooseNamespace(namespace ?? t.allNamespaces)}
      class="quiet"
      opener={props.opener}
      button={
        <>
          <span translate={namespace ? false : undefined}>{namespace ?? t.allNamespaces}</span>
          <Icon name="expand" />
        </>
      }
    >
      {(close) => (
        <NamespaceOptions
          onChoose={(next) => {
            close();
            props.onChoose(next);
          }}
        />
      )}
    </Popover>
  );
}

const ALL = '*';

function NamespaceOptions({ onChoose }: { readonly onChoose: (namespace: string | undefined) => void }) {
  const typed = useSignal('');
  const options = (): readonly Option[] => {
    const word = typed.value.trim().toLowerCase();
    const found = namespaces.value.filter((name) => name.includes(word));
    return [
      ...(word === '' ? [{ id: ALL, content: t.allNamespaces }] : []),
      ...found.map((name) => ({ id: name, content: <span translate={false}>{name}</span> })),
      ...(word !== '' && !found.includes(word) ? [{ id: word, content: <span>{t.namespaceTyped(word)}</span> }] : []),
    ];
  };
  return (
    <Chooser
      label={t.namespace}
      placeholder={t.findNamespace}
      typed={typed}
      options={options}
      onChoose={(id) => onChoose(id === ALL ? undefined : id)}
    />
  );
}
