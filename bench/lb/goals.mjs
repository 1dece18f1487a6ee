// What is to be reached, beside what was measured.
import { printTable, short } from '../table.mjs';

/** Goals that were looked at in this run, as they were added. */
export class Goals {
  #rows = [];

  /** Of something that must be at most so much. */
  atMost(name, value, goal, unit = '') {
    this.#add(name, value, `at most ${goal}${unit}`, value <= goal);
  }

  /** Of something that must be more. */
  above(name, value, goal) {
    this.#add(name, value, `above ${goal}`, value > goal);
  }

  print() {
    if (this.#rows.length === 0) return;
    console.log('\nGoals');
    printTable([['', 'now', 'goal', ''], ...this.#rows]);
  }

  #add(name, value, goal, isReached) {
    if (Number.isFinite(value)) this.#rows.push([name, short(value), goal, isReached ? 'reached' : 'MISSED']);
  }
}
