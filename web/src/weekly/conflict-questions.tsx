import { signal } from '@preact/signals';
import { Question } from '../edit/question.tsx';
import { weeklyTexts as t } from './texts.ts';

interface ConflictToDecide {
  /** Tells it from those that were asked before. */
  readonly number: number;
  readonly message: string;
  readonly answer: (yes: boolean) => void;
}

/** Questions that wait for an answer, one after the other: whether a conflict is decided all the same. */
const questions = signal<readonly ConflictToDecide[]>([]);
let asked = 0;

/** Asks whether something is decided against what somebody else decided. */
export function askConflict(message: string): Promise<boolean> {
  return new Promise((answer) => {
    questions.value = [...questions.peek(), { number: asked++, message, answer }];
  });
}

/** Who goes to another view leaves what others decided. */
export function leaveConflicts(): void {
  for (const { answer } of questions.peek()) answer(false);
  questions.value = [];
}

/** The first of the questions that wait. */
export function ConflictQuestions() {
  const [question] = questions.value;
  return question === undefined ? null : <ConflictQuestion key={question.number} question={question} />;
}

function ConflictQuestion({ question }: { readonly question: ConflictToDecide }) {
  const close = (yes: boolean) => () => {
    questions.value = questions.peek().filter((one) => one !== question);
    question.answer(yes);
  };
  return (
    <Question title={t.otherDecision} onSubmit={close(true)} onClose={close(false)}>
      <p lang="en">{question.message}</p>
      <div class="dialog-buttons">
        <button type="button" onClick={close(false)}>
          {t.leave}
        </button>
        <button type="submit" class="primary">
          {t.decideAnyway}
        </button>
      </div>
    </Question>
  );
}
