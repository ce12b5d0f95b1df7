/**
 * The C library: the one file that uses koffi.
 *
 * Prototypes have fixed arity (koffi cannot call variadic functions quickly), kernel
 * structs are passed as raw bytes, and native memory is copied, never viewed, because
 * Electron forbids external buffers.
 */
import koffi from 'koffi';

/** The process itself: finds libc whether it is glibc or musl. */
const libc = koffi.load(null);

type Bytes = Uint8Array | Uint32Array | Int32Array;

/** close(2). */
export const close = libc.func('int close(int fd)') as (fd: number) => number;

/** ioctl(2) with a struct argument that the kernel reads and writes. */
export const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)') as (
  fd: number,
  request: number,
  argument: Bytes,
) => number;

/** ioctl(2) with the native address of a struct, which is quicker to pass than its bytes. */
export const ioctlAt = libc.func('int ioctl(int fd, unsigned long request, uintptr_t address)') as (
  fd: number,
  request: number,
  address: number,
) => number;

/** fcntl(2) with an integer argument. */
export const fcntl = libc.func('int fcntl(int fd, int command, ...)') as (
  fd: number,
  command: number,
  type: 'int',
  argument: number,
) => number;

/** read(2) into `buffer`, at most `lengthBytes`. */
export const read = libc.func('long read(int fd, void *buffer, size_t lengthBytes)') as (
  fd: number,
  buffer: Bytes,
  lengthBytes: number,
) => number;

/** read(2) to a native address, at most `lengthBytes`. */
export const readTo = libc.func('long read(int fd, uintptr_t address, size_t lengthBytes)') as (
  fd: number,
  address: number,
  lengthBytes: number,
) => number;

/** preadv2(2) with packed `struct iovec` at a native address. */
export const preadv2 = libc.func(
  'long preadv2(int fd, uintptr_t iov, int iovCount, int64_t offset, int flags)',
) as (fd: number, iov: number, iovCount: number, offset: number, flags: number) => number;

/** lseek(2). */
export const lseek = libc.func('int64_t lseek(int fd, int64_t offset, int whence)') as (
  fd: number,
  offset: number,
  whence: number,
) => number;

/** fallocate(2). */
export const fallocate = libc.func(
  'int fallocate(int fd, int mode, int64_t offset, int64_t lengthBytes)',
) as (fd: number, mode: number, offset: number, lengthBytes: number) => number;

/** socket(2). */
export const socket = libc.func('int socket(int domain, int type, int protocol)') as (
  domain: number,
  type: number,
  protocol: number,
) => number;

/** connect(2) with a packed address. */
export const connect = libc.func('int connect(int fd, const void *address, unsigned int lengthBytes)') as (
  fd: number,
  address: Uint8Array,
  lengthBytes: number,
) => number;

/** getsockopt(2); `lengthBytes` holds one number. */
export const getsockopt = libc.func(
  'int getsockopt(int fd, int level, int option, void *value, void *lengthBytes)',
) as (fd: number, level: number, option: number, value: Bytes, lengthBytes: Int32Array) => number;

/** poll(2) over packed `struct pollfd`. */
export const poll = libc.func('int poll(void *fds, unsigned long count, int timeoutMs)') as (
  fds: Bytes,
  count: number,
  timeoutMs: number,
) => number;

/** sched_yield(2): lets other threads that could run on this CPU run first. */
export const schedYield = libc.func('int sched_yield()') as () => number;

/** eventfd(2). */
export const eventfd = libc.func('int eventfd(unsigned int initial, int flags)') as (
  initial: number,
  flags: number,
) => number;

/** eventfd_write(3). */
export const eventfdWrite = libc.func('int eventfd_write(int fd, uint64_t value)') as (
  fd: number,
  value: number,
) => number;

/** syscall(2), for calls that C libraries do not wrap. */
export const syscall = libc.func('long syscall(long number, long a, long b, long c)') as (
  number: number,
  a: number,
  b: number,
  c: number,
) => number;

/** syscall(2) with five arguments. */
export const syscall5 = libc.func('long syscall(long number, long a, long b, long c, long d, long e)') as (
  number: number,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
) => number;

/** ptrace(2). glibc gives peeked words another form, so those requests are not made with it. */
export const ptrace = libc.func('long ptrace(int request, int tid, uintptr_t address, uintptr_t data)') as (
  request: number,
  tid: number,
  address: number,
  data: number | bigint,
) => number;

/** waitpid(2). */
export const waitpid = libc.func('int waitpid(int pid, void *status, int options)') as (
  pid: number,
  status: Int32Array,
  options: number,
) => number;

/** sigaction(2) with the C library's `struct sigaction` as bytes. */
export const sigaction = libc.func('int sigaction(int signal, void *action, void *old)') as (
  signal: number,
  action: Uint8Array | null,
  old: Uint8Array | null,
) => number;

/** prctl(2) with one argument. */
export const prctl = libc.func(
  'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
) as (option: number, a: number, b: number, c: number, d: number) => number;

/** mmap(2); returns the address, or -1 as an unsigned value on failure. */
export const mmap = libc.func(
  'intptr_t mmap(uintptr_t address, size_t lengthBytes, int protection, int flags, int fd, int64_t offset)',
) as (
  address: number,
  lengthBytes: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => number;

/** munmap(2). */
export const munmap = libc.func('int munmap(uintptr_t address, size_t lengthBytes)') as (
  address: number,
  lengthBytes: number,
) => number;

/** madvise(2). */
export const madvise = libc.func('int madvise(uintptr_t address, size_t lengthBytes, int advice)') as (
  address: number,
  lengthBytes: number,
  advice: number,
) => number;

/** memcpy(3) from a buffer to a native address. */
export const copyToNative = libc.func(
  'void *memcpy(uintptr_t destination, const void *source, size_t lengthBytes)',
) as (destination: number, source: Bytes, lengthBytes: number) => unknown;

/** memcpy(3) from one native address to another. */
export const copyWithinNative = libc.func(
  'void *memcpy(uintptr_t destination, uintptr_t source, size_t lengthBytes)',
) as (destination: number, source: number, lengthBytes: number) => unknown;

/** memcpy(3) from a native address into a buffer. */
export const copyFromNative = libc.func(
  'void *memcpy(void *destination, uintptr_t source, size_t lengthBytes)',
) as (destination: Bytes, source: number, lengthBytes: number) => unknown;

/** _exit(2): ends the process without waiting for threads that sleep in a fault. */
export const exitNow = libc.func('void _exit(int status)') as (status: number) => void;

/**
 * Address of a buffer's bytes, for structs that point at them. Only for buffers made over an
 * ArrayBuffer of their own: those never move. Keep the buffer referenced.
 */
export const addressOf = (buffer: Uint8Array): bigint => koffi.address(buffer);

/** errno of this thread's last failed call; read it before any other call. */
export const errno = (): number => koffi.errno();
