// Loaded when someone first searches: most readers only filter.
export { openCompactIndex } from 'nekube/kep';
