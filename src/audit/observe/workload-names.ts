/** Whether one of those whom an operator reached is a Service of the cluster: by `NAME.NAMESPACE.svc`, with or without the usual domain. */
export function isService(reached: string): boolean {
  return /^([^. ]+\.)+svc(\.cluster\.local)?(:\d+)?( |$)/.test(reached);
}
