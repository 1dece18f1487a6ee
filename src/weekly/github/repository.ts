/**
 * `OWNER/NAME`, as GitHub has them: an owner is letters, digits, `-` and `_`, a name also has `.`, and is neither
 * `.` nor `..`, which would lead elsewhere in an address. It is of the syntax that JavaScript and RE2 share.
 */
export const REPOSITORY =
  /^[A-Za-z0-9][A-Za-z0-9_-]*\/([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$/;
