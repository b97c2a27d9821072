/*
 * Strikes one system call of a real program: LD_PRELOAD for Linux (glibc).
 *
 * It counts the calls of the C library on files that lie below the watched folders, in one order for all threads and for the
 * processes that the program starts, writes a line about each to a log, and does harm at one of them. Harm is of four kinds, each
 * before the call has any effect or after it: the program is killed, the call fails, the call never returns.
 *
 *   SPACEPACK_FAULT_UNDER  LABEL=FOLDER[:LABEL=FOLDER]; a path is logged as LABEL/rest
 *   SPACEPACK_FAULT_STATE  an empty file: the counters, shared by all processes of the program
 *   SPACEPACK_FAULT_LOG    a file to append to: NUMBER, CALL, PATH, OCCURRENCE, STAGE, PID and `!` where the harm was done; tabs between
 *   SPACEPACK_FAULT_AT     where: `n NUMBER`, or the last four of a log line: CALL, PATH, OCCURRENCE, STAGE; tabs between
 *   SPACEPACK_FAULT_DO     what: kill, kill-after, fail-before:ERRNO, fail-after:ERRNO (a number), hang, hang-after
 *
 * Numbers move with every poll of a folder, so a call is named by what it means. A call that changes something is the k-th of its
 * kind on its path; such a call begins a stage, and any other call is the k-th of its kind on its path within its stage.
 *
 * What is made unique by the program (process ids, random parts) is `#` in a path: `x.4711-ab12.lock` is `x.#.lock`.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MOST_FDS 4096
#define MOST_PATH 512
#define MOST_KINDS 4096
#define MOST_PROCESSES 64
#define MOST_WATCHED 8

/* The real function of that name and this very type. */
#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

static long raw(long number, long a, long b, long c, long d, long e, long f) {
  static long (*call)(long, ...);
  if (call == NULL) call = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  return call(number, a, b, c, d, e, f);
}

/* ---- what all processes of the program share ---- */

struct kind {
  char call[16];
  char path[MOST_PATH];
  unsigned total;
  unsigned stage;
  unsigned in_stage;
};

struct shared {
  atomic_int lock;
  atomic_uint count;
  unsigned stage;
  char stage_name[MOST_PATH + 48];
  int done;
  atomic_int processes[MOST_PROCESSES];
  unsigned kinds;
  struct kind kind[MOST_KINDS];
};

static struct shared *shared;
static int log_fd = -1;
static pid_t own_pid;

static struct { char label[32]; char folder[PATH_MAX]; size_t length; } watched[MOST_WATCHED];
static int watched_count;

static unsigned at_number;
static char at_call[16], at_path[MOST_PATH], at_stage[MOST_PATH + 48];
static unsigned at_occurrence;

enum harm { NOTHING, KILL, KILL_AFTER, FAIL_BEFORE, FAIL_AFTER, HANG, HANG_AFTER };
static enum harm harm;
static int harm_errno;

/* The label and path behind an open file, `NULL` where it is not watched; of those that were opened unseen nothing is known. */
static char *fd_path[MOST_FDS];
static bool fd_known[MOST_FDS];

static void read_watched(const char *text) {
  while (text != NULL && *text != '\0' && watched_count < MOST_WATCHED) {
    const char *end = strchrnul(text, ':');
    const char *equals = memchr(text, '=', (size_t)(end - text));
    if (equals != NULL) {
      snprintf(watched[watched_count].label, sizeof watched[0].label, "%.*s", (int)(equals - text), text);
      snprintf(watched[watched_count].folder, sizeof watched[0].folder, "%.*s", (int)(end - equals - 1), equals + 1);
      watched[watched_count].length = strlen(watched[watched_count].folder);
      watched_count++;
    }
    text = *end == ':' ? end + 1 : NULL;
  }
}

static void read_place(const char *text) {
  if (text == NULL) return;
  if (strncmp(text, "n ", 2) == 0) { at_number = (unsigned)atoi(text + 2); return; }
  char copy[2 * MOST_PATH];
  snprintf(copy, sizeof copy, "%s", text);
  char *rest = copy;
  char *call = strsep(&rest, "\t"), *path = strsep(&rest, "\t"), *occurrence = strsep(&rest, "\t");
  if (occurrence == NULL || rest == NULL) return;
  snprintf(at_call, sizeof at_call, "%s", call);
  snprintf(at_path, sizeof at_path, "%s", path);
  snprintf(at_stage, sizeof at_stage, "%s", rest);
  at_occurrence = (unsigned)atoi(occurrence);
}

static void read_harm(const char *text) {
  if (text == NULL) return;
  if (strcmp(text, "kill") == 0) harm = KILL;
  if (strcmp(text, "kill-after") == 0) harm = KILL_AFTER;
  if (strcmp(text, "hang") == 0) harm = HANG;
  if (strcmp(text, "hang-after") == 0) harm = HANG_AFTER;
  if (strncmp(text, "fail-before:", 12) == 0) { harm = FAIL_BEFORE; harm_errno = atoi(text + 12); }
  if (strncmp(text, "fail-after:", 11) == 0) { harm = FAIL_AFTER; harm_errno = atoi(text + 11); }
}

static void register_process(void) {
  for (int i = 0; i < MOST_PROCESSES; i++) {
    int none = 0;
    if (atomic_load(&shared->processes[i]) == own_pid) return;
    if (atomic_compare_exchange_strong(&shared->processes[i], &none, own_pid)) return;
  }
}

__attribute__((constructor)) static void begin(void) {
  const char *state = getenv("SPACEPACK_FAULT_STATE"), *log = getenv("SPACEPACK_FAULT_LOG");
  if (state == NULL) return;
  int fd = (int)raw(SYS_openat, AT_FDCWD, (long)state, O_RDWR | O_CREAT | O_CLOEXEC, 0600, 0, 0);
  if (fd < 0 || raw(SYS_ftruncate, fd, sizeof(struct shared), 0, 0, 0, 0) != 0) return;
  void *memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  raw(SYS_close, fd, 0, 0, 0, 0, 0);
  if (memory == MAP_FAILED) return;
  if (log != NULL) {
    fd = (int)raw(SYS_openat, AT_FDCWD, (long)log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600, 0, 0);
    /* Out of the way of the program's own numbers. */
    log_fd = (int)raw(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 900, 0, 0, 0);
    raw(SYS_close, fd, 0, 0, 0, 0, 0);
  }
  read_watched(getenv("SPACEPACK_FAULT_UNDER"));
  read_place(getenv("SPACEPACK_FAULT_AT"));
  read_harm(getenv("SPACEPACK_FAULT_DO"));
  own_pid = (pid_t)raw(SYS_getpid, 0, 0, 0, 0, 0, 0);
  shared = memory;
  register_process();
}

__attribute__((destructor)) static void end(void) {
  if (shared == NULL || raw(SYS_getpid, 0, 0, 0, 0, 0, 0) != own_pid) return;
  for (int i = 0; i < MOST_PROCESSES; i++) {
    int own = own_pid;
    atomic_compare_exchange_strong(&shared->processes[i], &own, 0);
  }
}

/* ---- which path a call is about ---- */

/* The name under which a path below a watched folder is logged; false for any other. */
static bool name_of(const char *path, char *name) {
  for (int i = 0; i < watched_count; i++) {
    size_t length = watched[i].length;
    if (strncmp(path, watched[i].folder, length) != 0) continue;
    if (path[length] != '\0' && path[length] != '/') continue;
    snprintf(name, MOST_PATH, "%s%s", watched[i].label, path + length);
    size_t end = strlen(name);
    while (end > 0 && name[end - 1] == '/') name[--end] = '\0';
    return true;
  }
  return false;
}

static const char *path_of_fd(int fd, char *name) {
  if (fd < 0 || fd >= MOST_FDS) return NULL;
  if (!fd_known[fd]) {
    char link[64], target[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long length = raw(SYS_readlink, (long)link, (long)target, sizeof target - 1, 0, 0, 0);
    if (length < 0) return NULL;
    target[length] = '\0';
    fd_path[fd] = name_of(target, name) ? strdup(name) : NULL;
    fd_known[fd] = true;
  }
  if (fd_path[fd] == NULL) return NULL;
  snprintf(name, MOST_PATH, "%s", fd_path[fd]);
  return name;
}

static void note_fd(int fd, const char *name) {
  if (fd < 0 || fd >= MOST_FDS) return;
  fd_path[fd] = name == NULL ? NULL : strdup(name);
  fd_known[fd] = true;
}

static void forget_fd(int fd) {
  if (fd < 0 || fd >= MOST_FDS) return;
  fd_known[fd] = false;
  fd_path[fd] = NULL;
}

/* What does not fit is left out: no file of ours has such a name. */
static void append(char *to, const char *text) {
  size_t length = strlen(to);
  while (*text != '\0' && length < MOST_PATH - 1) to[length++] = *text++;
  to[length] = '\0';
}

static const char *path_at(int folder, const char *path, char *name) {
  if (shared == NULL || path == NULL) return NULL;
  int fd, used = 0;
  char joined[2 * PATH_MAX + 2];
  if (sscanf(path, "/proc/self/fd/%d%n", &fd, &used) == 1 || sscanf(path, "/dev/fd/%d%n", &fd, &used) == 1) {
    char held[MOST_PATH];
    if (path_of_fd(fd, held) == NULL) return NULL;
    name[0] = '\0';
    append(name, held);
    append(name, path + used);
    return name;
  }
  if (path[0] == '/') return name_of(path, name) ? name : NULL;
  if (folder != AT_FDCWD) {
    char held[MOST_PATH];
    if (path_of_fd(folder, held) == NULL) return NULL;
    name[0] = '\0';
    append(name, held);
    if (path[0] != '\0') append(name, "/");
    append(name, path);
    return name;
  }
  char here[PATH_MAX];
  if (getcwd(here, sizeof here) == NULL) return NULL;
  snprintf(joined, sizeof joined, "%s/%s", here, path);
  return name_of(joined, name) ? name : NULL;
}

static bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* A word behind a dot that holds a digit is made anew by each process: `#`. */
static void plain(const char *name, char *out) {
  size_t to = 0;
  for (size_t from = 0; name[from] != '\0' && to < MOST_PATH - 2;) {
    char c = name[from];
    out[to++] = c;
    from++;
    size_t end = from;
    bool holds_digit = false;
    for (; c == '.' && is_word(name[end]); end++) holds_digit |= name[end] >= '0' && name[end] <= '9';
    if (!holds_digit) continue;
    out[to++] = '#';
    from = end;
  }
  out[to] = '\0';
}

/* ---- counting, and harm ---- */

static bool changes(const char *call) {
  static const char *const CHANGING[] = {"create",    "write", "fsync", "fdatasync", "rename", "unlink", "mkdir", "rmdir",
                                         "ftruncate", "link",  "symlink", "mkdtemp", "chmod", "copy", "lock", NULL};
  for (int i = 0; CHANGING[i] != NULL; i++) if (strcmp(CHANGING[i], call) == 0) return true;
  return false;
}

static void lock(void) {
  int free = 0;
  while (!atomic_compare_exchange_weak(&shared->lock, &free, 1)) free = 0;
}

static struct kind *kind_of(const char *call, const char *path) {
  for (unsigned i = 0; i < shared->kinds; i++) {
    struct kind *kind = &shared->kind[i];
    if (strcmp(kind->call, call) == 0 && strcmp(kind->path, path) == 0) return kind;
  }
  struct kind *kind = &shared->kind[shared->kinds < MOST_KINDS - 1 ? shared->kinds++ : shared->kinds];
  snprintf(kind->call, sizeof kind->call, "%s", call);
  snprintf(kind->path, sizeof kind->path, "%s", path);
  return kind;
}

/* Counts a call; true if the harm is to be done at this very one. */
static bool counted(const char *call, const char *name) {
  /* Between fork and exec the child is nobody's program yet. */
  if (raw(SYS_getpid, 0, 0, 0, 0, 0, 0) != own_pid) return false;
  char path[MOST_PATH], stage[MOST_PATH + 48], line[3 * MOST_PATH];
  plain(name, path);
  lock();
  unsigned number = atomic_fetch_add(&shared->count, 1) + 1;
  struct kind *kind = kind_of(call, path);
  if (kind->stage != shared->stage) kind->in_stage = 0;
  kind->stage = shared->stage;
  kind->total++;
  kind->in_stage++;
  bool changing = changes(call);
  unsigned occurrence = changing ? kind->total : kind->in_stage;
  snprintf(stage, sizeof stage, "%s", changing ? "" : shared->stage_name[0] == '\0' ? "start" : shared->stage_name);
  if (changing) {
    shared->stage++;
    snprintf(shared->stage_name, sizeof shared->stage_name, "%s %s %u", call, path, kind->total);
  }
  bool here = at_number != 0 ? number == at_number
                             : occurrence == at_occurrence && strcmp(call, at_call) == 0 && strcmp(path, at_path) == 0 &&
                                   strcmp(stage, at_stage) == 0;
  if (shared->done || harm == NOTHING) here = false;
  if (here) shared->done = 1;
  atomic_store(&shared->lock, 0);
  int length = snprintf(line, sizeof line, "%u\t%s\t%s\t%u\t%s\t%d%s\n", number, call, path, occurrence, stage, own_pid,
                        here ? "\t!" : "");
  if (log_fd >= 0) raw(SYS_write, log_fd, (long)line, length, 0, 0, 0);
  return here;
}

/* The program dies as a whole, also where its files are another process's work. */
static void kill_all(void) {
  for (int i = 0; i < MOST_PROCESSES; i++) {
    int pid = atomic_load(&shared->processes[i]);
    if (pid != 0 && pid != own_pid) raw(SYS_kill, pid, SIGKILL, 0, 0, 0, 0);
  }
  raw(SYS_kill, own_pid, SIGKILL, 0, 0, 0, 0);
  for (;;) raw(SYS_pause, 0, 0, 0, 0, 0, 0);
}

/* As in an uninterruptible sleep: nothing but SIGKILL ends it. */
static void hang(void) {
  sigset_t all;
  sigfillset(&all);
  raw(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, 8, 0, 0);
  for (;;) raw(SYS_ppoll, 0, 0, 0, 0, 8, 0);
}

/* What to do instead of the call: `true` if it must fail without having been made. */
static bool before(bool here) {
  if (!here) return false;
  if (harm == KILL) kill_all();
  if (harm == HANG) hang();
  if (harm == FAIL_BEFORE) errno = harm_errno;
  return harm == FAIL_BEFORE;
}

/* `true` if the call, which has been made, must report a failure. */
static bool after(bool here) {
  if (!here) return false;
  if (harm == KILL_AFTER) kill_all();
  if (harm == HANG_AFTER) hang();
  if (harm == FAIL_AFTER) errno = harm_errno;
  return harm == FAIL_AFTER;
}

/* A call on a path or an open file, with what it yields and what it yields when it fails. */
#define STRUCK(call, name, type, failure, doing)        \
  do {                                                  \
    bool here = name != NULL && counted(call, name);    \
    if (before(here)) return failure;                   \
    type yielded = doing;                               \
    if (after(here)) return failure;                    \
    return yielded;                                     \
  } while (0)

#define ON_PATH(call, path, type, failure, doing)                          \
  char name[MOST_PATH];                                                    \
  const char *found = shared == NULL ? NULL : path_at(AT_FDCWD, path, name); \
  STRUCK(call, found, type, failure, doing)

#define ON_FD(call, fd, type, failure, doing)                    \
  char name[MOST_PATH];                                          \
  const char *found = shared == NULL ? NULL : path_of_fd(fd, name); \
  STRUCK(call, found, type, failure, doing)

/* ---- opening and closing ---- */

static int opening(int folder, const char *path, int flags, mode_t mode) {
  char name[MOST_PATH];
  const char *found = path_at(folder, path, name);
  bool here = found != NULL && counted((flags & O_CREAT) != 0 ? "create" : "open", found);
  if (before(here)) return -1;
  int fd = (int)raw(SYS_openat, folder, (long)path, flags, mode, 0, 0);
  if (after(here)) {
    int told = errno;
    if (fd >= 0) raw(SYS_close, fd, 0, 0, 0, 0, 0);
    errno = told;
    return -1;
  }
  if (fd >= 0) note_fd(fd, found);
  return fd;
}

static mode_t mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

#define OPEN_WITH(folder, path, flags, extra)          \
  va_list rest;                                        \
  va_start(rest, flags);                               \
  mode_t mode = mode_of(flags, rest);                  \
  va_end(rest);                                        \
  return opening(folder, path, (flags) | (extra), mode)

int open(const char *path, int flags, ...) { OPEN_WITH(AT_FDCWD, path, flags, 0); }
int open64(const char *path, int flags, ...) { OPEN_WITH(AT_FDCWD, path, flags, 0); }
int openat(int folder, const char *path, int flags, ...) { OPEN_WITH(folder, path, flags, 0); }
int openat64(int folder, const char *path, int flags, ...) { OPEN_WITH(folder, path, flags, 0); }
int creat(const char *path, mode_t mode) { return opening(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return opening(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

/* Linux lets go of the file even where it reports an error: a failure of either kind comes after the effect. */
static int closing(int fd) {
  char name[MOST_PATH];
  const char *found = shared == NULL ? NULL : path_of_fd(fd, name);
  bool here = found != NULL && counted("close", found);
  bool failing = before(here);
  int told = errno;
  forget_fd(fd);
  int yielded = (int)raw(SYS_close, fd, 0, 0, 0, 0, 0);
  if (!failing) return after(here) ? -1 : yielded;
  errno = told;
  return -1;
}

int close(int fd) { return closing(fd); }

int dup(int fd) {
  int copy = (int)raw(SYS_dup, fd, 0, 0, 0, 0, 0);
  if (copy >= 0) forget_fd(copy);
  if (copy >= 0 && fd >= 0 && fd < MOST_FDS && fd_known[fd]) note_fd(copy, fd_path[fd]);
  return copy;
}

int dup3(int fd, int copy, int flags) {
  int yielded = (int)raw(SYS_dup3, fd, copy, flags, 0, 0, 0);
  if (yielded >= 0) forget_fd(copy);
  if (yielded >= 0 && fd >= 0 && fd < MOST_FDS && fd_known[fd]) note_fd(copy, fd_path[fd]);
  return yielded;
}

int dup2(int fd, int copy) { return fd == copy ? copy : dup3(fd, copy, 0); }

/* ---- reading and writing ---- */

ssize_t read(int fd, void *to, size_t size) { ON_FD("read", fd, ssize_t, -1, raw(SYS_read, fd, (long)to, size, 0, 0, 0)); }
ssize_t pread(int fd, void *to, size_t size, off_t at) { ON_FD("read", fd, ssize_t, -1, raw(SYS_pread64, fd, (long)to, size, at, 0, 0)); }
ssize_t pread64(int fd, void *to, size_t size, off64_t at) { ON_FD("read", fd, ssize_t, -1, raw(SYS_pread64, fd, (long)to, size, at, 0, 0)); }
ssize_t readv(int fd, const struct iovec *to, int count) { ON_FD("read", fd, ssize_t, -1, raw(SYS_readv, fd, (long)to, count, 0, 0, 0)); }
ssize_t preadv(int fd, const struct iovec *to, int count, off_t at) { ON_FD("read", fd, ssize_t, -1, REAL(preadv)(fd, to, count, at)); }
ssize_t preadv64(int fd, const struct iovec *to, int count, off64_t at) { ON_FD("read", fd, ssize_t, -1, REAL(preadv64)(fd, to, count, at)); }
ssize_t write(int fd, const void *from, size_t size) { ON_FD("write", fd, ssize_t, -1, raw(SYS_write, fd, (long)from, size, 0, 0, 0)); }
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) { ON_FD("write", fd, ssize_t, -1, raw(SYS_pwrite64, fd, (long)from, size, at, 0, 0)); }
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) { ON_FD("write", fd, ssize_t, -1, raw(SYS_pwrite64, fd, (long)from, size, at, 0, 0)); }
ssize_t writev(int fd, const struct iovec *from, int count) { ON_FD("write", fd, ssize_t, -1, raw(SYS_writev, fd, (long)from, count, 0, 0, 0)); }
ssize_t pwritev(int fd, const struct iovec *from, int count, off_t at) { ON_FD("write", fd, ssize_t, -1, REAL(pwritev)(fd, from, count, at)); }
ssize_t pwritev64(int fd, const struct iovec *from, int count, off64_t at) { ON_FD("write", fd, ssize_t, -1, REAL(pwritev64)(fd, from, count, at)); }
ssize_t sendfile64(int out, int in, off64_t *at, size_t size) { ON_FD("copy", out, ssize_t, -1, raw(SYS_sendfile, out, in, (long)at, size, 0, 0)); }
int fsync(int fd) { ON_FD("fsync", fd, int, -1, (int)raw(SYS_fsync, fd, 0, 0, 0, 0, 0)); }
int fdatasync(int fd) { ON_FD("fdatasync", fd, int, -1, (int)raw(SYS_fdatasync, fd, 0, 0, 0, 0, 0)); }
int syncfs(int fd) { ON_FD("fsync", fd, int, -1, (int)raw(SYS_syncfs, fd, 0, 0, 0, 0, 0)); }
int ftruncate(int fd, off_t size) { ON_FD("ftruncate", fd, int, -1, (int)raw(SYS_ftruncate, fd, size, 0, 0, 0, 0)); }
int ftruncate64(int fd, off64_t size) { ON_FD("ftruncate", fd, int, -1, (int)raw(SYS_ftruncate, fd, size, 0, 0, 0, 0)); }
int fchmod(int fd, mode_t mode) { ON_FD("chmod", fd, int, -1, (int)raw(SYS_fchmod, fd, mode, 0, 0, 0, 0)); }
int fchown(int fd, uid_t user, gid_t group) { ON_FD("chmod", fd, int, -1, (int)raw(SYS_fchown, fd, user, group, 0, 0, 0)); }
int futimens(int fd, const struct timespec times[2]) { ON_FD("chmod", fd, int, -1, REAL(futimens)(fd, times)); }
int flock(int fd, int operation) { ON_FD("lock", fd, int, -1, (int)raw(SYS_flock, fd, operation, 0, 0, 0, 0)); }

static int controlling(int fd, int command, long argument) {
  bool is_copy = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
  bool is_lock = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
  if (!is_lock) {
    int yielded = (int)raw(SYS_fcntl, fd, command, argument, 0, 0, 0);
    if (is_copy && yielded >= 0) forget_fd(yielded);
    if (is_copy && yielded >= 0 && fd >= 0 && fd < MOST_FDS && fd_known[fd]) note_fd(yielded, fd_path[fd]);
    return yielded;
  }
  ON_FD("lock", fd, int, -1, (int)raw(SYS_fcntl, fd, command, argument, 0, 0, 0));
}

#define CONTROL                            \
  va_list rest;                            \
  va_start(rest, command);                 \
  long argument = va_arg(rest, long);      \
  va_end(rest);                            \
  return controlling(fd, command, argument)

int fcntl(int fd, int command, ...) { CONTROL; }
int fcntl64(int fd, int command, ...) { CONTROL; }

/* ---- names ---- */

int rename(const char *from, const char *to) { ON_PATH("rename", from, int, -1, (int)raw(SYS_rename, (long)from, (long)to, 0, 0, 0, 0)); }
int unlink(const char *path) { ON_PATH("unlink", path, int, -1, (int)raw(SYS_unlink, (long)path, 0, 0, 0, 0, 0)); }
int mkdir(const char *path, mode_t mode) { ON_PATH("mkdir", path, int, -1, (int)raw(SYS_mkdir, (long)path, mode, 0, 0, 0, 0)); }
int rmdir(const char *path) { ON_PATH("rmdir", path, int, -1, (int)raw(SYS_rmdir, (long)path, 0, 0, 0, 0, 0)); }
int link(const char *from, const char *to) { ON_PATH("link", to, int, -1, (int)raw(SYS_link, (long)from, (long)to, 0, 0, 0, 0)); }
int symlink(const char *from, const char *to) { ON_PATH("symlink", to, int, -1, (int)raw(SYS_symlink, (long)from, (long)to, 0, 0, 0, 0)); }
ssize_t readlink(const char *path, char *to, size_t size) { ON_PATH("readlink", path, ssize_t, -1, raw(SYS_readlink, (long)path, (long)to, size, 0, 0, 0)); }
int chmod(const char *path, mode_t mode) { ON_PATH("chmod", path, int, -1, (int)raw(SYS_chmod, (long)path, mode, 0, 0, 0, 0)); }
int chown(const char *path, uid_t user, gid_t group) { ON_PATH("chmod", path, int, -1, (int)raw(SYS_chown, (long)path, user, group, 0, 0, 0)); }
int lchown(const char *path, uid_t user, gid_t group) { ON_PATH("chmod", path, int, -1, (int)raw(SYS_lchown, (long)path, user, group, 0, 0, 0)); }
int access(const char *path, int mode) { ON_PATH("access", path, int, -1, (int)raw(SYS_access, (long)path, mode, 0, 0, 0, 0)); }
char *realpath(const char *path, char *to) { ON_PATH("realpath", path, char *, NULL, REAL(realpath)(path, to)); }
char *mkdtemp(char *pattern) { ON_PATH("mkdtemp", pattern, char *, NULL, REAL(mkdtemp)(pattern)); }
int statfs(const char *path, struct statfs *to) { ON_PATH("statfs", path, int, -1, REAL(statfs)(path, to)); }
int statfs64(const char *path, struct statfs64 *to) { ON_PATH("statfs", path, int, -1, REAL(statfs64)(path, to)); }
int inotify_add_watch(int fd, const char *path, uint32_t mask) { ON_PATH("watch", path, int, -1, (int)raw(SYS_inotify_add_watch, fd, (long)path, mask, 0, 0, 0)); }

/* ---- what a file is: the old entry points, the new ones, and the system call itself, which libuv uses ---- */

int __xstat64(int version, const char *path, struct stat64 *to);
int __lxstat64(int version, const char *path, struct stat64 *to);
int __fxstat64(int version, int fd, struct stat64 *to);
int __xstat64(int version, const char *path, struct stat64 *to) { ON_PATH("stat", path, int, -1, REAL(__xstat64)(version, path, to)); }
int __lxstat64(int version, const char *path, struct stat64 *to) { ON_PATH("stat", path, int, -1, REAL(__lxstat64)(version, path, to)); }
int __fxstat64(int version, int fd, struct stat64 *to) { ON_FD("stat", fd, int, -1, REAL(__fxstat64)(version, fd, to)); }
int stat64(const char *path, struct stat64 *to) { ON_PATH("stat", path, int, -1, REAL(stat64)(path, to)); }
int lstat64(const char *path, struct stat64 *to) { ON_PATH("stat", path, int, -1, REAL(lstat64)(path, to)); }
int fstat64(int fd, struct stat64 *to) { ON_FD("stat", fd, int, -1, REAL(fstat64)(fd, to)); }

static int describing(int folder, const char *path, int flags, unsigned mask, void *to) {
  char name[MOST_PATH];
  const char *found = shared == NULL ? NULL
                      : path == NULL || path[0] == '\0' ? path_of_fd(folder, name)
                                                        : path_at(folder, path, name);
  STRUCK("stat", found, int, -1, (int)raw(SYS_statx, folder, (long)path, flags, mask, (long)to, 0));
}

int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict to) {
  return describing(folder, path, flags, mask, to);
}

static ssize_t copying(long in, long in_at, long out, long out_at, long size, long flags) {
  ON_FD("copy", (int)out, ssize_t, -1, raw(SYS_copy_file_range, in, in_at, out, out_at, size, flags));
}

long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long), d = va_arg(rest, long);
  long e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  if (shared == NULL) return raw(number, a, b, c, d, e, f);
  switch (number) {
    case SYS_statx: return describing((int)a, (const char *)b, (int)c, (unsigned)d, (void *)e);
    case SYS_close: return closing((int)a);
    case SYS_copy_file_range: return copying(a, b, c, d, e, f);
    case SYS_preadv: return preadv64((int)a, (const struct iovec *)b, (int)c, (off64_t)d);
    case SYS_pwritev: return pwritev64((int)a, (const struct iovec *)b, (int)c, (off64_t)d);
    default: return raw(number, a, b, c, d, e, f);
  }
}

/* ---- folders ---- */

DIR *opendir(const char *path) {
  char name[MOST_PATH];
  const char *found = shared == NULL ? NULL : path_at(AT_FDCWD, path, name);
  bool here = found != NULL && counted("opendir", found);
  if (before(here)) return NULL;
  DIR *folder = REAL(opendir)(path);
  if (after(here)) {
    int told = errno;
    if (folder != NULL) REAL(closedir)(folder);
    errno = told;
    return NULL;
  }
  if (folder != NULL) note_fd(dirfd(folder), found);
  return folder;
}

struct dirent *readdir(DIR *folder) { ON_FD("readdir", dirfd(folder), struct dirent *, NULL, REAL(readdir)(folder)); }
struct dirent64 *readdir64(DIR *folder) { ON_FD("readdir", dirfd(folder), struct dirent64 *, NULL, REAL(readdir64)(folder)); }

int closedir(DIR *folder) {
  char name[MOST_PATH];
  int fd = dirfd(folder);
  const char *found = shared == NULL ? NULL : path_of_fd(fd, name);
  forget_fd(fd);
  STRUCK("closedir", found, int, -1, REAL(closedir)(folder));
}

int scandir(const char *path, struct dirent ***to, int (*wanted)(const struct dirent *),
            int (*order)(const struct dirent **, const struct dirent **)) {
  ON_PATH("scandir", path, int, -1, REAL(scandir)(path, to, wanted, order));
}

int scandir64(const char *path, struct dirent64 ***to, int (*wanted)(const struct dirent64 *),
              int (*order)(const struct dirent64 **, const struct dirent64 **)) {
  ON_PATH("scandir", path, int, -1, REAL(scandir64)(path, to, wanted, order));
}
