/**
 * Replaces `$(NAME)` by variables, as in commands, arguments and values of containers: what nobody knows stays, `$$` is a
 * dollar that begins nothing.
 */
export function expandVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(variables, name) ? variables[name]! : whole;
  });
}
