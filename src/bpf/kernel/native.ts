import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { NotSupportedError } from '../errors.ts';

/** The calls of the C library that Node has no door to. */
export interface Native {
  /** bpf(2); gives -1 upon an error, whose number `errno` has. */
  bpf(command: number, attributes: Uint8Array, size: number): number;
  close(fd: number): number;
  /** A shared mapping of a file; undefined upon an error. */
  mmap(length: number, isWritable: boolean, fd: number, offset: number): Mapping | undefined;
  /** The number of a device in this thread's network namespace; 0 if there is none. */
  deviceIndex(name: string): number;
  mount(source: string, target: string, type: string): number;
  /** Also where something is open there. */
  unmount(target: string): number;
  socket(family: number, type: number, protocol: number): number;
  /** A request to a descriptor, with an argument of bytes. */
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  /** Binds to an address, which is in the form of the kernel. */
  bind(fd: number, address: Uint8Array): number;
  /** Connects to an address in that form. */
  connect(fd: number, address: Uint8Array): number;
  send(fd: number, bytes: Uint8Array): number;
  /** How many bytes have come, or -1. */
  receive(fd: number, bytes: Uint8Array): number;
  /** An option of the socket itself, into the bytes. */
  socketOption(fd: number, option: number, bytes: Uint8Array): number;
  setSocketOption(fd: number, level: number, option: number, bytes: Uint8Array): number;
  setns(fd: number, type: number): number;
  /** flock(2). */
  lock(fd: number, how: number): number;
  /** Nanoseconds between two times of a clock. */
  clockResolution(clock: number): number;
  epollCreate(): number;
  epollAdd(epoll: number, fd: number): number;
  /** Waits in a thread of its own until a descriptor can be read; gives how many can, or -1. */
  epollWait(epoll: number, timeoutMs: number): Promise<number>;
  /** The number of the last error. */
  errno(): number;
  /** Where bytes are in memory; they stay there as long as they are held. */
  address(bytes: Uint8Array): bigint;
}

/** Memory of the kernel that this process sees. */
export interface Mapping {
  readonly bytes: Uint8Array;
  unmap(): void;
}

const BPF_SYSCALL: Readonly<Record<string, number>> = {
  x64: 321,
  arm64: 280,
  riscv64: 280,
  loong64: 280,
  ppc64: 361,
  s390x: 351,
};
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const EPOLL_CLOEXEC = 0x80000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const MNT_DETACH = 2;
const SOL_SOCKET = 1;

let loaded: Native | undefined;
/** Memory that the kernel may still write into: it must not be given up before the call is over. */
const written = new Set<Uint8Array>();

/**
 * The C library of this process.
 *
 * @throws NotSupportedError another system than Linux, a machine whose calls are not known, or no koffi.
 */
export function native(): Native {
  loaded ??= loadNative();
  return loaded;
}

type Koffi = typeof import('koffi');

function loadNative(): Native {
  const number = BPF_SYSCALL[process.arch];
  if (process.platform !== 'linux')
    throw new NotSupportedError('bpf(2)', `it is a call of Linux, this is ${process.platform}`);
  if (number === undefined) throw new NotSupportedError('bpf(2)', `its number on ${process.arch} is not known`);
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)('koffi');
  } catch (error) {
    throw new NotSupportedError('bpf(2)', 'the optional package koffi is not installed', error);
  }
  return bind(koffi, number);
}

function bind(koffi: Koffi, bpfNumber: number): Native {
  const libc = koffi.load(null);
  const bpf = libc.func('long syscall(long number, long command, void *attributes, unsigned long size)');
  const close = libc.func('int close(int fd)');
  const mmap = libc.func('void *mmap(void *at, size_t length, int protection, int flags, int fd, long offset)');
  const munmap = libc.func('int munmap(void *at, size_t length)');
  const mount = libc.func(
    'int mount(const char *from, const char *to, const char *type, unsigned long flags, void *data)',
  );
  const unmount = libc.func('int umount2(const char *target, int flags)');
  const connect = libc.func('int connect(int fd, void *address, unsigned int length)');
  const bindTo = libc.func('int bind(int fd, void *address, unsigned int length)');
  const send = libc.func('long send(int fd, void *bytes, size_t length, int flags)');
  const receive = libc.func('long recv(int fd, void *bytes, size_t length, int flags)');
  const setOption = libc.func('int setsockopt(int fd, int level, int option, void *value, unsigned int length)');
  const option = libc.func('int getsockopt(int fd, int level, int option, void *value, void *length)');
  const clockResolution = libc.func('int clock_getres(int clock, void *time)');
  const epollControl = libc.func('int epoll_ctl(int epoll, int operation, int fd, void *event)');
  const epollWait = libc.func('int epoll_wait(int epoll, void *events, int count, int timeout)');
  const epollCreate = libc.func('int epoll_create1(int flags)');
  return {
    bpf: (command, attributes, size) => bpf(bpfNumber, command, attributes, size),
    close: (fd) => close(fd),
    mmap(length, isWritable, fd, offset): Mapping | undefined {
      const pointer = mmap(null, length, isWritable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, offset);
      // MAP_FAILED is the highest address
      if (BigInt.asIntN(64, koffi.address(pointer) ?? -1n) === -1n) return undefined;
      return { bytes: new Uint8Array(koffi.view(pointer, length)), unmap: () => void munmap(pointer, length) };
    },
    deviceIndex: libc.func('unsigned int if_nametoindex(const char *name)'),
    mount: (source, target, type) => mount(source, target, type, 0, null),
    unmount: (target) => unmount(target, MNT_DETACH),
    socket: libc.func('int socket(int family, int type, int protocol)'),
    ioctl: libc.func('int ioctl(int fd, unsigned long request, void *argument)'),
    bind: (fd, address) => bindTo(fd, address, address.length),
    connect: (fd, address) => connect(fd, address, address.length),
    send: (fd, bytes) => Number(send(fd, bytes, bytes.length, 0)),
    receive: (fd, bytes) => Number(receive(fd, bytes, bytes.length, 0)),
    setSocketOption: (fd, level, number, bytes) => setOption(fd, level, number, bytes, bytes.length),
    socketOption: (fd, number, bytes) => option(fd, SOL_SOCKET, number, bytes, Uint32Array.of(bytes.length)),
    lock: libc.func('int flock(int fd, int how)'),
    setns: libc.func('int setns(int fd, int type)'),
    clockResolution(clock): number {
      const time = new BigInt64Array(2);
      clockResolution(clock, time);
      return Number(time[0]) * 1e9 + Number(time[1]);
    },
    epollCreate: () => epollCreate(EPOLL_CLOEXEC),
    epollAdd(epoll, fd): number {
      // packed on x86-64 alone; of the rest of the event nothing is used
      const event = new Uint32Array([EPOLLIN, fd, 0, 0]);
      return epollControl(epoll, EPOLL_CTL_ADD, fd, event);
    },
    epollWait: (epoll, timeoutMs) =>
      new Promise((done, fail) => {
        const events = new Uint8Array(16);
        // koffi does not hold it until another thread has written there
        written.add(events);
        epollWait.async(epoll, events, 1, timeoutMs, (error: unknown, count: number) => {
          written.delete(events);
          if (error) fail(error);
          else done(count);
        });
      }),
    errno: () => koffi.errno(),
    address: (bytes) => koffi.address(bytes),
  };
}

const names = new Map<number, string>(Object.entries(constants.errno).map(([name, number]) => [number, name]));
/** Of the kernel alone: a feature that this kernel does not have. */
const ENOTSUPP = 524;

/** The name of an error number. */
export function errnoName(number: number): string {
  if (number === ENOTSUPP) return 'ENOTSUPP';
  return names.get(number) ?? `errno ${number}`;
}
