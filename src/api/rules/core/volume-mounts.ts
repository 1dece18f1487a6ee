import { forbidden, invalid, notFound, notSupported, type Path, required as requiredError } from 'nekube/apimachinery';
import { type Check, defined, type Loose, oneOf, present, type RuleContext, required } from '../rule.ts';
import { checkDescendingPath } from './paths.ts';

/** The sources of a pod's valid volumes, by name. */
export type Volumes = ReadonlyMap<string, Loose>;

/** Where a container mounts volumes; paths of a mount and a device may not be the same. */
export function checkVolumeMounts(volumes: Volumes, container: Loose): Check {
  const devices: Loose[] = container.volumeDevices ?? [];
  return (mounts, path, context) => {
    const used = new Set<string>();
    (mounts ?? []).forEach((mount: Loose, i: number) => {
      const at = path.index(i);
      const { name = '', mountPath = '' } = mount;
      const problem = (field: string, value: string, detail: string) =>
        context.errors.push(invalid(at.child(field), value, detail));
      required()(name, at.child('name'), context);
      if (!volumes.has(name)) context.errors.push(notFound(at.child('name'), name));
      required()(mountPath, at.child('mountPath'), context);
      if (used.has(mountPath)) problem('mountPath', mountPath, 'must be unique');
      used.add(mountPath);
      if (devices.some((d) => (d.name ?? '') === name))
        problem('name', name, 'must not already exist in volumeDevices');
      if (lastPaths(devices, 'devicePath').has(mountPath)) {
        problem('mountPath', mountPath, 'must not already exist as a path in volumeDevices');
      }
      checkSubPaths(mount, path, at, context);
      checkPropagation(container)(mount.mountPropagation, path.child('mountPropagation'), context);
      checkRecursiveReadOnly(mount, path.child('recursiveReadOnly'), context);
    });
  };
}

/** The paths of a list; of several entries with the same name only the last counts, as in the map of a Go program. */
function lastPaths(entries: Loose[], pathField: string): ReadonlySet<string> {
  return new Set(new Map(entries.map((entry) => [entry.name ?? '', entry[pathField] ?? ''])).values());
}

function checkSubPaths(mount: Loose, path: Path, at: Path, context: RuleContext): void {
  present(checkDescendingPath)(mount.subPath, path.child('subPath'), context);
  if (!mount.subPathExpr) return;
  if (mount.subPath) {
    const detail = 'subPathExpr and subPath are mutually exclusive';
    context.errors.push(invalid(at.child('subPathExpr'), mount.subPathExpr, detail));
  }
  checkDescendingPath(mount.subPathExpr, path.child('subPathExpr'), context);
}

function checkPropagation(container: Loose): Check {
  return defined(oneOf('Bidirectional', 'HostToContainer', 'None'), (mode, path, { errors }) => {
    if (mode !== 'Bidirectional' || container.securityContext?.privileged) return;
    errors.push(forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'));
  });
}

function checkRecursiveReadOnly(mount: Loose, path: Path, { errors }: RuleContext): void {
  const { recursiveReadOnly: mode, readOnly, mountPropagation } = mount;
  if (mode === undefined || mode === 'Disabled') return;
  if (mode !== 'Enabled' && mode !== 'IfPossible') {
    errors.push(notSupported(path, mode, ['Disabled', 'Enabled', 'IfPossible']));
    return;
  }
  if (!readOnly) errors.push(forbidden(path, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    errors.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
  }
}

/** The block devices of a container: volumes of claims, each once, and not also mounted. */
export function checkVolumeDevices(volumes: Volumes, container: Loose): Check {
  const mounts: Loose[] = container.volumeMounts ?? [];
  return (devices, path, context) => {
    const [names, paths] = [new Set<string>(), new Set<string>()];
    (devices ?? []).forEach(({ name = '', devicePath = '' }: Loose, i: number) => {
      const at = path.index(i);
      const problem = (field: string, value: string, detail: string) =>
        context.errors.push(invalid(at.child(field), value, detail));
      checkDeviceName(name, at.child('name'), names, volumes, context);
      if (devicePath === '') context.errors.push(requiredError(at.child('devicePath')));
      if (paths.has(devicePath)) problem('devicePath', devicePath, 'must be unique');
      if (devicePath.split('/').includes('..')) problem('devicePath', devicePath, "can not contain backsteps ('..')");
      else paths.add(devicePath);
      if (mounts.some((m) => (m.name ?? '') === name)) problem('name', name, 'must not already exist in volumeMounts');
      if (lastPaths(mounts, 'mountPath').has(devicePath)) {
        problem('devicePath', devicePath, 'must not already exist as a path in volumeMounts');
      }
      if (name !== '') names.add(name);
    });
  };
}

function checkDeviceName(name: string, at: Path, names: Set<string>, volumes: Volumes, { errors }: RuleContext): void {
  const volume = volumes.get(name);
  if (name === '') errors.push(requiredError(at));
  if (names.has(name)) errors.push(invalid(at, name, 'must be unique'));
  if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
    const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
    errors.push(invalid(at, name, detail));
  }
  if (!volume) errors.push(notFound(at, name));
}
