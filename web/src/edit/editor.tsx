import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { type Diagnostic, linter, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
  type Tooltip,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { KindSchema } from './schema.ts';
import { editTexts as t } from './texts.ts';
import { type LineProblem, readText, schemaProblems } from './yaml-check.ts';
import { placeAt } from './yaml-cursor.ts';

/** Beyond this the text is looked through only when it is planned. */
const MOST_CHECKED = 300_000;

/** What can be done with an editor from outside. */
export interface EditorHandle {
  readonly text: () => string;
  readonly replace: (text: string) => void;
  /** Marks what the server said of lines, until the text changes. */
  readonly mark: (problems: readonly LineProblem[]) => void;
  readonly goTo: (line: number) => void;
  readonly focus: () => void;
}

interface EditorProps {
  readonly label: string;
  readonly initial: string;
  readonly schema: KindSchema | undefined;
  readonly onChange: () => void;
  /** ctrl or cmd with enter. */
  readonly onSubmit: () => void;
  readonly onEscape: () => void;
  readonly handle: { current: EditorHandle | undefined };
}

/**
 * An editor of YAML that knows a kind's schema. It lives in a shadow root: there its styles are style sheets of the
 * script's own, which a strict Content-Security-Policy has nothing against.
 */
export function Editor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  // as soon as it is there: what is typed next is meant for it
  useLayoutEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' });
    const view = new EditorView({ root, parent: root, state: stateOf(latest) });
    props.handle.current = handleOf(view);
    view.focus();
    return () => {
      props.handle.current = undefined;
      view.destroy();
    };
  }, []);
  return <div class="editor" ref={host} />;
}

function handleOf(view: EditorView): EditorHandle {
  return {
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    mark: (problems) => view.dispatch(setDiagnostics(view.state, diagnosticsOf(view.state, problems))),
    goTo: (line) => {
      const { from: begin, text } = view.state.doc.line(Math.min(Math.max(line + 1, 1), view.state.doc.lines));
      const from = begin + text.length - text.trimStart().length;
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
      view.focus();
    },
    focus: () => view.focus(),
  };
}

function stateOf(props: { readonly current: EditorProps }): EditorState {
  const language = new Compartment();
  return EditorState.create({
    doc: props.current.initial,
    extensions: [
      lineNumbers(),
      foldGutter(),
      lintGutter(),
      history(),
      drawSelection(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      highlightSelectionMatches(),
      indentOnInput(),
      indentUnit.of('  '),
      bracketMatching(),
      search({ top: true }),
      language.of(yaml()),
      syntaxHighlighting(colors),
      look,
      autocompletion({ override: [(context) => complete(context, props.current.schema)], icons: false }),
      hoverTooltip((view, position) => hover(view, position, props.current.schema), { hoverTime: 600 }),
      linter(
        (view) => {
          const text = view.state.doc.toString();
          if (text.length > MOST_CHECKED) return [];
          const read = readText(text);
          const problems = 'problem' in read ? [read.problem] : schemaProblemsOf(read.root, props.current.schema);
          return diagnosticsOf(view.state, problems);
        },
        { delay: 400 },
      ),
      EditorView.contentAttributes.of({ 'aria-label': props.current.label, spellcheck: 'false', tabindex: '0' }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) props.current.onChange();
      }),
      // a plan is to be seen before it is applied: keys that are held down do not go from one to the other
      Prec.highest(
        EditorView.domEventHandlers({
          keydown: ({ key, repeat, ctrlKey, metaKey }) => repeat && key === 'Enter' && (ctrlKey || metaKey),
        }),
      ),
      keymap.of([
        { key: 'Mod-Enter', run: () => (props.current.onSubmit(), true) },
        ...completionKeymap,
        ...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'),
        ...searchKeymap,
        ...historyKeymap,
        ...foldKeymap,
        ...lintKeymap,
        { key: 'Escape', run: (view) => (view.contentDOM.blur(), props.current.onEscape(), true) },
      ]),
    ],
  });
}

function schemaProblemsOf(root: Parameters<typeof schemaProblems>[0], schema: KindSchema | undefined): LineProblem[] {
  return schema === undefined ? [] : schemaProblems(root, schema);
}

function diagnosticsOf({ doc }: EditorState, problems: readonly LineProblem[]): Diagnostic[] {
  return problems.map(({ line, severity, problem }) => {
    const { from, to, text } = doc.line(Math.min(Math.max(line + 1, 1), doc.lines));
    const indent = text.length - text.trimStart().length;
    return { from: Math.min(from + indent, to), to, severity, message: messageOf(problem) };
  });
}

/** What is wrong, in the language that is shown. */
export function messageOf(problem: LineProblem['problem']): string {
  if (problem.type === 'unknown') {
    const hint = problem.near === undefined ? '' : ` ${t.didYouMean(problem.near)}`;
    return `${t.unknownField(problem.field)}.${hint}`;
  }
  if (problem.type === 'type') return t.wrongType(problem.field, problem.expected.wanted, problem.expected.got);
  return problem.message;
}

function complete(
  { state, pos, explicit }: CompletionContext,
  schema: KindSchema | undefined,
): CompletionResult | null {
  if (schema === undefined) return null;
  const line = state.doc.lineAt(pos);
  const place = placeAt(linesAround(state, line.number), Math.min(line.number - 1, AROUND), pos - line.from);
  if (place === undefined || (!explicit && place.word === '' && place.field === undefined)) return null;
  const from = pos - place.word.length;
  if (place.field !== undefined) {
    const options = schema.valuesAt([...place.path, place.field]).map((label): Completion => ({ label, type: 'enum' }));
    return options.length === 0 ? null : { from, options };
  }
  const options = schema
    .fieldsAt(place.path)
    .filter(({ name }) => !place.siblings.includes(name))
    .map(({ name, type, description, required }): Completion => {
      const opens = type.startsWith('[]') || type.startsWith('map[') || type === 'object';
      return {
        label: name,
        detail: required ? `${type}, ${t.required}` : type,
        info: description,
        apply: opens ? `${name}:` : `${name}: `,
        boost: required ? 1 : 0,
      };
    });
  return options.length === 0 ? null : { from, options, validFor: /^[\w-]*$/ };
}

/** So many lines above and below are looked at to find out where a line is. */
const AROUND = 5000;

function linesAround({ doc }: EditorState, number: number): string[] {
  const [first, last] = [Math.max(1, number - AROUND), Math.min(doc.lines, number + 200)];
  const lines: string[] = [];
  for (let i = first; i <= last; i++) lines.push(doc.line(i).text);
  return lines;
}

function hover(view: EditorView, position: number, schema: KindSchema | undefined): Tooltip | null {
  if (schema === undefined) return null;
  const line = view.state.doc.lineAt(position);
  const key = /^(\s*(?:- +)*)([^\s:#][^:#]*):/.exec(line.text);
  if (key === null) return null;
  const [begin, end] = [key[1]!.length, key[1]!.length + key[2]!.length];
  if (position < line.from + begin || position > line.from + end) return null;
  const place = placeAt(linesAround(view.state, line.number), Math.min(line.number - 1, AROUND), end);
  const name = key[2]!.replace(/^["']|["']$/g, '');
  const found = place && schema.fieldsAt(place.path).find((field) => field.name === name);
  if (!found) return null;
  return {
    pos: line.from + begin,
    end: line.from + end,
    above: true,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'field-help';
      const head = dom.appendChild(document.createElement('b'));
      head.textContent = `${found.name}: ${found.type}${found.required ? `, ${t.required}` : ''}`;
      dom.appendChild(document.createElement('p')).textContent = found.description;
      return { dom };
    },
  };
}

const colors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--y-key)' },
  { tag: [tags.string, tags.content, tags.special(tags.string)], color: 'var(--y-string)' },
  { tag: [tags.number], color: 'var(--y-number)' },
  { tag: [tags.bool, tags.null, tags.keyword], color: 'var(--y-word)' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--text-soft)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--text-soft)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '12.5px', color: 'var(--text)', backgroundColor: 'var(--bg)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px' },
  '.cm-content': { caretColor: 'var(--accent)' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--bg)', color: 'var(--text-soft)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--bg-hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--bg-chosen)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--bg-raised)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius)',
    boxShadow: 'var(--shadow)',
    maxWidth: '460px',
  },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '12px' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--accent-text)',
  },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: '0.8', marginLeft: '1em' },
  '.cm-completionInfo': { padding: '8px 10px', fontFamily: 'var(--font)', maxWidth: '360px' },
  '.field-help': { padding: '8px 10px', fontFamily: 'var(--font)', fontSize: '12px' },
  '.field-help p': { margin: '4px 0 0', whiteSpace: 'pre-wrap' },
  '.cm-panels': { backgroundColor: 'var(--bg-side)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-panel input, .cm-panel button': {
    backgroundColor: 'var(--bg-raised)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    backgroundImage: 'none',
  },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--bg-hover)', border: 'none', color: 'var(--text-soft)' },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-bg)' },
  '.cm-diagnostic': { padding: '4px 8px' },
});
