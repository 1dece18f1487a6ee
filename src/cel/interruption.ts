/**
 * Ends a whole evaluation: thrown through all operators, none of which may absorb it. Only what evaluates a program catches
 * it, and makes its message the error.
 */
export class Interruption extends Error {}
