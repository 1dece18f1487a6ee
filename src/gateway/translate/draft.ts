/**
 * An object that is being made, whose fields may still be set.
 *
 * Of what is made for each of ten thousand routes, fields that may be absent are set one after the other: an object that is spread
 * together of a part for each of them takes many times as long, and leaves each part to be collected.
 */
export type Draft<T> = { -readonly [key in keyof T]: T[key] };
